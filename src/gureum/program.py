"""What people type to start gureum here, so that every command they are told is one that works.

From a clone it is `./run gureum`, which the start script says in GUREUM_PROGRAM; from an
installation it is `gureum`.
"""

from __future__ import annotations

import os
import re

COMMANDS = (
    "up", "init", "plan", "apply", "verify", "tempest", "status", "service", "host", "logs", "report",
    "endpoints", "explain", "policy", "config", "openstack", "open", "console", "ssh", "down", "lab",
    "bundle", "image", "release", "schema",
)  # fmt: skip
"""The words that make a command of what follows `gureum`; a test holds them to the real ones."""

_TYPED = re.compile(rf"(?<![\w./~-])(?<!run )gureum(?= (?:{'|'.join(COMMANDS)}|--\w+)\b)")


def program() -> str:
    """Return the words that start gureum, e.g. `./run gureum`."""
    return os.environ.get("GUREUM_PROGRAM") or "gureum"


def runnable(text: str) -> str:
    """Return `text` with every `gureum COMMAND` in it spelt as it is typed here."""
    return _TYPED.sub(lambda _: program(), text)
