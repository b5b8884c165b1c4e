"""Moments as a person says them, in the zone of the machine that shows them (R-OPS-11)."""

from __future__ import annotations

from gureum.moment import local, stamp, zone

__all__ = ["ago", "clock", "day", "moment", "stamp", "zone"]


def moment(time: float) -> str:
    """Return seconds since the epoch as `21 November 2026, 16:27 UTC`."""
    then = local(time)
    return f"{then.day} {then:%B %Y, %H:%M} {zone(time)}"


def day(time: float) -> str:
    """Return seconds since the epoch as `21 November 2026`."""
    then = local(time)
    return f"{then.day} {then:%B %Y}"


def clock(time: float, now: float) -> str:
    """Return seconds since the epoch as briefly as is clear, without a zone: `17:40:05`, `Nov 20 17:40`."""
    then, today = local(time), local(now)
    if then.date() == today.date():
        return f"{then:%H:%M:%S}"
    return f"{then:%b %d %H:%M}" if then.year == today.year else f"{then:%Y-%m-%d %H:%M}"


def ago(now: float, then: float) -> str:
    """Return the time between two moments in its largest unit: `40 s`, `5 min`, `3 h`, `12 days`."""
    seconds = max(0, int(now - then))
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
