"""Moments as the clock of who reads them shows them: in the local zone, and with its name.

$TZ is obeyed. Hosts and services keep UTC, and JSON carries UNIX times or ISO 8601 with its offset;
only what a person reads is turned into that person's time (R-OPS-11).
"""

from __future__ import annotations

from datetime import datetime


def stamp(when: float) -> str:
    """Return a UNIX time in full: `2026-11-21 17:40:05 KST`."""
    return f"{local(when):%Y-%m-%d %H:%M:%S} {zone(when)}"


def read(text: str) -> str:
    """Return a moment in ISO 8601 with its offset as `stamp` does; any other text as it is."""
    try:
        return stamp(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return text


def zone(when: float) -> str:
    """Return the name of the zone at a moment: `KST`, or `UTC+05:45` where it has no short name."""
    then = local(when)
    name, offset = then.tzname() or "", f"{then:%z}"
    return name if name[:1].isalpha() else f"UTC{offset[:3]}:{offset[3:5]}"


def local(when: float) -> datetime:
    """Return a UNIX time in the zone of who reads it."""
    return datetime.fromtimestamp(when).astimezone()
