"""Enters a host without its network: what a server's serial console is for (R-LAB-1)."""

from __future__ import annotations

import os

from gureum.errors import LabError
from gureum.lab.host import LabHost

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def command(host: LabHost, *words: str) -> list[str]:
    """Return the command that runs a shell, or `words`, as root inside a host."""
    leader = host.leader_pid
    if leader is None:
        raise LabError(f"lab host {host.name} does not run", hint=f"gureum lab start {host.name}")
    clean = ("env", "-i", f"PATH={PATH}", "HOME=/root", f"TERM={os.environ.get('TERM', 'dumb')}")
    enter = ("nsenter", "--all", "--wdns=/root", "--target", str(leader))
    return [*enter, "--", *clean, *(words or ("/bin/bash", "--login"))]
