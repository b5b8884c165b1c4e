"""The state of units, and how it went with them, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gureum.operate.services.acting import DONE, UnitResult
from gureum.operate.services.states import ServiceStates, UnitState
from gureum.views import wording
from gureum.views.data import Line
from gureum.views.moments import clock, zone
from gureum.views.table import columns

WIDTH = 110
MARKS = {"done": "", "unchanged": "", "failed": "failed: ", "skipped": "skipped: "}


def states(found: ServiceStates) -> Iterator[Line]:
    """Yield a line for each unit, then what is down, then the last error of each log."""
    several = len({one.health.host for one in found.units}) > 1
    rows = []
    service = ""
    for one in found.units:
        rows.append(_row(one, found.time, service, several))
        service = one.health.service
    where = ["host"] if several else []
    since = f"since ({zone(found.time)})"
    head = ["service", "unit", *where, "state", since, "restarts", "PSS MB", "boot"]
    first, *others = columns([head, *rows], right="   " + " " * several + "rrr")
    yield first, "bold"
    for text, one in zip(others, found.units, strict=True):
        yield text, "" if one.health.good else "red"
    for host, why in found.unreachable.items():
        yield f"down: {host} {why.removeprefix(f'{host} ')}", "red"
    for one in found.units:
        if one.hint:
            yield f"down: {one.health.name} of {one.health.host} is {one.health.state}", "red"
            yield wording.hint(one.hint, "  "), ""
    yield from _errors(found)


def document(found: ServiceStates) -> dict[str, Any]:
    """Return the same as plain data; times are UNIX times."""
    return {
        "well": found.well,
        "time": found.time,
        "units": [
            {**vars(one.health), "enabled": one.enabled, "error": one.error} for one in found.units
        ],
        "unreachable": found.unreachable,
    }


def _row(one: UnitState, now: float, service: str, several: bool) -> list[str]:
    health = one.health
    return [
        health.service if health.service != service else "",
        health.name,
        *([health.host] if several else []),
        health.state,
        clock(health.since, now) if health.since else "",
        str(health.restarts),
        f"{health.pss_mb:.0f}" if health.pss_mb else "",
        "yes" if one.enabled else "no",
    ]


def _errors(found: ServiceStates) -> Iterator[Line]:
    wrong = [one for one in found.units if one.error]
    if not wrong:
        return
    yield "", ""
    yield "last errors in their logs; those from before a unit's last start are over", "bold"
    rows = []
    for one in wrong:
        assert one.error is not None
        when = clock(one.error.time, found.time) if one.error.time else ""
        before = one.error.time and one.health.since and one.error.time < one.health.since
        rows.append([when, one.health.name, "over" if before else "", one.error.line])
    for text in columns(rows):
        yield (text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"), ""


def result(one: UnitResult) -> Iterator[Line]:
    """Yield how it went with one unit: a line, and the evidence where it failed."""
    name = f"{one.unit} of {one.host}"
    took = f"  {wording.seconds(one.seconds)}" if one.outcome in ("done", "failed") else ""
    if one.outcome == "failed":
        yield f"failed     {name}{took}: {one.said}", "bold red"
    elif one.outcome == "skipped":
        yield f"skipped    {name}: {one.said}", "yellow"
    elif one.outcome == "unchanged":
        yield f"unchanged  {name}: {one.said}", ""
    else:
        reported = one.reported
        again = f", reports again after {wording.seconds(reported)} more" if reported else ""
        yield f"{one.said:9}  {name}{took}{again}", ""
    if one.notice:
        yield f"             until it runs again: {one.notice.says}", "yellow"
    if one.also:
        yield f"             along with it: {', '.join(one.also)}", "yellow"
    yield from ((f"    {line}", "") for line in one.log_lines)
    if one.hint:
        yield wording.hint(one.hint, "  "), ""


def summary(verb: str, results: Sequence[UnitResult], seconds: float) -> str:
    """Return the last line: how many units went how."""
    words = [
        f"{sum(r.outcome == outcome for r in results)} {word}"
        for outcome, word in (
            ("done", DONE[verb]),
            ("unchanged", "unchanged"),
            ("failed", "failed"),
            ("skipped", "skipped"),
        )
        if any(r.outcome == outcome for r in results)
    ]
    return f"{', '.join(words) or 'no units'} in {wording.seconds(seconds)}"
