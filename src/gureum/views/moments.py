"""Moments as a person says them, in the zone of the machine that shows them (R-OPS-11)."""

from __future__ import annotations

from datetime import datetime


def moment(time: float) -> str:
    """Return seconds since the epoch as `21 November 2026, 16:27 UTC`."""
    then = datetime.fromtimestamp(time).astimezone()
    return f"{then.day} {then:%B %Y, %H:%M} {then.tzname()}"


def day(time: float) -> str:
    """Return seconds since the epoch as `21 November 2026`."""
    then = datetime.fromtimestamp(time).astimezone()
    return f"{then.day} {then:%B %Y}"
