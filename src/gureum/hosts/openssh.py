"""What this machine's OpenSSH makes of a name: the user's own configuration is obeyed.

ssh itself is asked (`ssh -G`), so aliases, includes and matches mean what they mean to the user.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DEFAULTS = Path(__file__).parent / "defaults.ssh_config"
USERS_OWN = (Path("~/.ssh/known_hosts"), Path("~/.ssh/known_hosts2"))


@dataclass(frozen=True)
class Resolved:
    """Where ssh goes for a name, as whom, what it goes through, and which keys it knows."""

    user: str
    hostname: str
    port: int
    indirect: bool
    """Whether it goes through another host or program on the way."""
    known_hosts: tuple[Path, ...] = USERS_OWN


@cache
def resolve(name: str, user: str | None = None, port: int | None = None) -> Resolved:
    """Return what ssh makes of `name`; what is given here goes before its configuration."""
    given = [*(["-l", user] if user else []), *(["-p", str(port)] if port else [])]
    try:
        done = subprocess.run(
            ["ssh", "-G", "-F", str(_DEFAULTS), *given, "--", name],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        # A broken configuration: the connection itself tells what ssh thinks of it.
        return Resolved(user or "root", name, port or 22, indirect=True)
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    through = {said.get("proxyjump", "none"), said.get("proxycommand", "none")}
    files = tuple(Path(word) for word in shlex.split(said.get("userknownhostsfile", "")))
    return Resolved(
        user=said.get("user", user or "root"),
        hostname=said.get("hostname", name),
        port=int(said.get("port", port or 22)),
        indirect=through != {"none"},
        known_hosts=files or USERS_OWN,
    )


def through(jumps: Sequence[Sequence[str]]) -> str:
    """Return the ProxyCommand that goes through `jumps`, each the arguments of one ssh.

    ProxyJump would ask for less, but it hands neither a key nor known hosts on to the jumps.
    """
    command = ""
    for arguments in jumps:
        before = ["-o", f"ProxyCommand={command}"] if command else []
        # Of each command only the last % belongs to the ssh that runs it.
        words = [word.replace("%", "%%") for word in (*before, *arguments[:-1])]
        command = f"{shlex.join(['ssh', *words, '-W'])} '[%h]:%p' {shlex.quote(arguments[-1])}"
    return command
