"""Moments as an operator types them: `10m`, `17:40`, `yesterday`, `2026-11-21 17:40` (R-OPS-11)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from gureum.diagnostics import Diagnostic
from gureum.errors import InputError
from gureum.moment import local

UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 86400),
}
_PART = r"(\d+(?:\.\d+)?)\s*([a-z]+)"
_SPAN = re.compile(rf"{_PART}(?:\s*{_PART})*(?:\s+ago)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?")


def when(text: str, now: float, option: str) -> float:
    """Return the UNIX time that `text` means to who types it, in their zone.

    A time of day that is still to come was yesterday's. Raises InputError, with examples.
    """
    found = (
        _span(text.strip().lower(), now) or _day(text.strip().lower(), now) or _date(text.strip())
    )
    if found is None:
        hint = f"{option} 10m, {option} 17:40, {option} yesterday, or {option} '{local(now):%Y-%m-%d %H:%M}'"
        raise InputError(
            f"{option} {text!r} is no time", [Diagnostic("it fits no form", hint=hint)]
        )
    return found


def _span(text: str, now: float) -> float | None:
    if not _SPAN.fullmatch(text):
        return None
    parts = re.findall(_PART, text.removesuffix("ago"))
    if any(unit not in UNITS for _, unit in parts):
        return None
    return now - sum(float(number) * UNITS[unit] for number, unit in parts)


def _day(text: str, now: float) -> float | None:
    today = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"today": 0, "yesterday": 1}
    if text == "now":
        return now
    if text in days:
        return _zoned(today - timedelta(days=days[text]))
    clock = _CLOCK.fullmatch(text)
    if not clock or int(clock[1]) > 23 or int(clock[2]) > 59 or float(clock[3] or 0) >= 60:
        return None
    seconds = int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3] or 0)
    found = _zoned(today + timedelta(seconds=seconds))
    return found if found <= now else _zoned(today - timedelta(days=1) + timedelta(seconds=seconds))


def _date(text: str) -> float | None:
    if re.fullmatch(r"@\d+(\.\d+)?", text):
        return float(text[1:])
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _zoned(wall: datetime) -> float:
    """Return the time at which the clocks of the zone showed this, whatever its offset was then."""
    return wall.replace(tzinfo=None).timestamp()
