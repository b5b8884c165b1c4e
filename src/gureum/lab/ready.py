"""Waits until a host answers on SSH."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from gureum.errors import LabError
from gureum.lab import nspawn, processes
from gureum.lab.host import LabHost

PATIENCE = 90.0
TRY = 0.25
"""Seconds for one attempt: short, because a request lost while the host boots is not repeated
by the kernel before a second is over."""


def wait(host: LabHost, log: Path, patience: float = PATIENCE) -> None:
    """Return once the host's SSH server has said who it is."""
    if not wait_if_running(host, log, patience):
        raise LabError(
            f"lab host {host.name} went down while it booted",
            detail=nspawn.tail(log),
            hint=f"cat {log}",
        )


def wait_if_running(host: LabHost, log: Path, patience: float = PATIENCE) -> bool:
    """Do as `wait`, but return False for a host that ends instead."""
    end = time.monotonic() + patience
    while not answers(host):
        if processes.supervisor(host.machine) is None:
            return False
        if time.monotonic() > end:
            raise LabError(
                f"lab host {host.name} ({host.address}) does not answer on SSH",
                detail=f"waited {patience:.0f} s\n{nspawn.tail(log)}",
                hint=f"gureum lab console {host.name}   (then: systemctl status ssh)",
            )
        time.sleep(0.03)
    return True


def answers(host: LabHost) -> bool:
    """Tell whether the host's SSH server answers right now."""
    try:
        with socket.create_connection((str(host.address), 22), timeout=TRY) as link:
            link.settimeout(2)
            return link.recv(4) == b"SSH-"
    except OSError:
        return False
