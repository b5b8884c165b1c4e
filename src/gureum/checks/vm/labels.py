"""How everything that the scenario makes is marked, so that a killed run's leftovers are known."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PREFIX = "gureum-verify-"
_STALE_AFTER = 3600.0
"""Seconds after which a run of another machine counts as dead."""


@dataclass(frozen=True)
class Label:
    """One run's mark: `name` for what it makes, `description` tells whose it is."""

    name: str
    description: str


def new_label() -> Label:
    """Return a mark that no other run has."""
    pid = os.getpid()
    owner = {
        "made_by": "gureum verify",
        "host": socket.gethostname(),
        "boot": _boot_id(),
        "pid": pid,
        "started": _started(pid),
        "at": int(time.time()),
    }
    return Label(f"{PREFIX}{secrets.token_hex(4)}", json.dumps(owner))


def is_stale(name: str, description: str) -> bool:
    """Tell whether a project is a dead run's: ours, and its process is gone or long over."""
    if not name.startswith(PREFIX):
        return False
    try:
        owner = json.loads(description)
        if (owner["host"], owner["boot"]) == (socket.gethostname(), _boot_id()):
            # A process id alone may belong to somebody else by now: the start time tells.
            return bool(_started(int(owner["pid"])) != owner["started"])
        return bool(time.time() - float(owner["at"]) > _STALE_AFTER)
    except (ValueError, KeyError, TypeError):
        return False


def _started(pid: int) -> str:
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def _boot_id() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""
