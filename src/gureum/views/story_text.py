"""A request's story as text: a line for each step, its distance from the beginning before it."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.moment import stamp
from gureum.operate.logs.story import Event, Story
from gureum.views.data import Line
from gureum.views.log_text import SHORT, STYLES
from gureum.views.table import columns

FAILED = 400


def lines(told: Story) -> Iterator[Line]:
    """Yield the story: what it is, its steps, who took part, and where it went wrong first."""
    hosts = len({part.host for part in told.parts})
    several = hosts > 1
    caused = f", and {len(told.ids) - 1} that it caused" if len(told.ids) > 1 else ""
    yield f"{told.id}{caused}", "bold"
    yield f"{stamp(told.begins)}, {_span(told.lasts_ms)}, on {hosts} host{'s' * several}", ""
    yield "", ""
    events = [event for event in told.events if not _said_before(event, told)]
    rows = [_row(event, several) for event in events]
    for event, text in zip(events, columns(rows, right="r"), strict=True):
        yield text, _style(event)
        for other in event.record.text.split("\n")[1:]:
            yield f"      {other}".rstrip(), _style(event)
    yield "", ""
    head = ["unit", *(["host"] if several else []), "from", "to", "records", "errors"]
    table = [
        [
            part.unit,
            *([part.host] if several else []),
            _offset(part.begins_ms),
            _offset(part.ends_ms),
            str(part.records),
            str(part.errors) if part.errors else "",
        ]
        for part in told.parts
    ]
    right = "  rrrr" if several else " rrrr"
    for number, text in enumerate(columns([head, *table], right=right)):
        yield text, "bold" if not number else ""
    yield "", ""
    yield from _verdict(told)


def _said_before(event: Event, told: Story) -> bool:
    """Tell whether a unit notes a call that HAProxy has noted already, with more about it."""
    one = event.record
    return one.module.endswith(".requestlog") and any(
        e.call and e.record.request_id == one.request_id for e in told.events
    )


def _verdict(told: Story) -> Iterator[Line]:
    error = told.error
    if error is None:
        yield "no error was logged", "green"
        return
    where = f"{error.record.unit} on {error.record.host}"
    yield f"the first error: {_offset(error.ms)}, {where}", "red"
    yield f"  {error.record.first}", "red"


def _row(event: Event, several: bool) -> list[str]:
    one = event.record
    host = [one.host] if several else []
    own = (one.request_id or one.global_request_id)[:SHORT]
    return [_offset(event.ms), *host, event.api or one.unit, _mark(event), own, _says(event)]


def _mark(event: Event) -> str:
    if event.call:
        return str(event.status)
    return "" if event.record.level == "INFO" else event.record.level


def _says(event: Event) -> str:
    one = event.record
    if event.call:
        return f"{event.call}: {event.lasted} ms, for {event.client}"
    return f"{one.module}: {one.first}" if one.module else one.first


def _style(event: Event) -> str:
    if event.call:
        return "red" if event.status >= FAILED or event.status < 0 else "bold"
    return STYLES.get(event.record.level, "")


def _offset(ms: float) -> str:
    return f"+{ms / 1000:.3f} s"


def _span(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"
