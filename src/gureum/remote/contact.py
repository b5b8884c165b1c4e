"""Whether this host reaches the controllers, and what runs on while it does not."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gureum.remote.running_vms import running_vms

TIMEOUT = 2.0


def contact(doors: list[tuple[str, int]]) -> dict[str, Any]:
    """Return which of the doors (address, port) stay shut, why, and how many VMs run here."""
    with ThreadPoolExecutor(len(doors) or 1) as pool:
        said = list(pool.map(_try, doors))
    silent = [[*door, why] for door, why in zip(doors, said) if why]
    return {"silent": silent, "vms": len(running_vms())}


def _try(door: tuple[str, int]) -> str:
    try:
        socket.create_connection((door[0], door[1]), timeout=TIMEOUT).close()
    except OSError as error:
        return str(error) or type(error).__name__
    return ""
