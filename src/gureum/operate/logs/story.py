"""`gureum logs --request`: one request's way through services and hosts, in the order of time (R-OPS-2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gureum.diagnostics import Diagnostic, did_you_mean
from gureum.errors import InputError
from gureum.operate.deployment import Deployment
from gureum.operate.logs.place import place
from gureum.operate.logs.read import records
from gureum.operate.logs.record import LogRecord
from gureum.operate.logs.wish import LogQuery, check, wish
from gureum.operate.services.selection import the_known
from gureum.operate.typed import typed
from gureum.remote import log_requests
from gureum.services.rsyslog_conf import OPENSTACK, SYSTEM

ACCESS = re.compile(
    r"(?P<method>[A-Z]+) (?P<url>\S+) (?P<status>-?\d+) (?P<ended>\S{2,4}) (?P<ms>\d+) ms "
    r"(?P<bytes>\d+) bytes (?P<api>\S+) (?P<client>\S+)$"
)
"""HAProxy's line, in the form that `services/haproxy.py` gives it."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One record of a request; `ms` is its distance from the beginning.

    A call of an API begins when HAProxy took it and lasts `lasted` milliseconds; `call` tells its
    method and URL, `status` its answer, `api` the unit that was asked, and `client` by whom.
    """

    ms: float
    record: LogRecord
    call: str = ""
    api: str = ""
    client: str = ""
    status: int = 0
    lasted: int = 0


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one unit on one host had to do with a request."""

    host: str
    unit: str
    begins_ms: float
    ends_ms: float
    records: int
    errors: int


@dataclass(frozen=True, kw_only=True)
class Story:
    """A request from its first line to its last; `ids` are its own and those that it caused.

    `error` is the first record of level ERROR or above, None where there is none.
    """

    id: str
    ids: tuple[str, ...]
    begins: float
    lasts_ms: float
    events: tuple[Event, ...]
    parts: tuple[Part, ...]
    error: Event | None
    notes: tuple[str, ...]


def follow_request(deployment: Deployment, query: LogQuery) -> Story:
    """Return the story of a request, whose id may be shortened.

    Raises InputError for an id that is in no log, or that begins several.
    """
    cloud = the_known(deployment)
    check(query, cloud)
    asked = query.request_id
    with place(cloud) as where:
        wanted = {**wish(query, cloud), "kinds": [OPENSTACK, SYSTEM]}
        if where.controller is not None:
            found = where.call(log_requests.trace, wanted, asked)
        else:
            found = log_requests.trace_by(where.search, wanted, asked)
        if found["candidates"] or not found["rows"]:
            near = found["candidates"] or _some_ids(where.search({**wanted, "limit": 5000}))
            raise _refused(deployment, asked, found["candidates"], near)
        told = records(cloud, found["rows"])
        notes = tuple(where.notes)
    return story(asked, found["ids"], told, notes)


def story(
    asked: str, ids: Sequence[str], told: Sequence[LogRecord], notes: Sequence[str] = ()
) -> Story:
    """Return records of one request as its story."""
    made = [_event(one) for one in told]
    begins = min(when for when, _ in made)
    events = sorted(
        (_moved(event, (when - begins) * 1000) for when, event in made), key=lambda e: e.ms
    )
    full = next((i for i in ids if i.startswith(asked)), asked)
    return Story(
        id=full,
        ids=tuple(ids),
        begins=begins,
        lasts_ms=max(e.ms + e.lasted for e in events),
        events=tuple(events),
        parts=_parts(events),
        error=next((e for e in events if e.record.loud), None),
        notes=tuple(notes),
    )


def _event(one: LogRecord) -> tuple[float, Event]:
    """Return an event and when it began."""
    access = ACCESS.match(one.text) if one.unit == "haproxy" else None
    if access is None:
        return one.time, Event(ms=0, record=one)
    lasted = int(access["ms"])
    call = f"{access['method']} {access['url']}"
    return one.time - lasted / 1000, Event(
        ms=0,
        record=one,
        call=call,
        api=access["api"].rstrip("~"),
        client=access["client"],
        status=int(access["status"]),
        lasted=lasted,
    )


def _moved(event: Event, ms: float) -> Event:
    return Event(
        ms=round(max(0.0, ms), 3),
        record=event.record,
        call=event.call,
        api=event.api,
        client=event.client,
        status=event.status,
        lasted=event.lasted,
    )


def _parts(events: Sequence[Event]) -> tuple[Part, ...]:
    groups: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        groups.setdefault((event.record.host, event.record.unit), []).append(event)
    return tuple(
        Part(
            host=host,
            unit=unit,
            begins_ms=its[0].ms,
            ends_ms=max(e.ms + e.lasted for e in its),
            records=len(its),
            errors=sum(e.record.loud for e in its),
        )
        for (host, unit), its in groups.items()
    )


def _some_ids(found: dict[str, list[list[object]]]) -> list[str]:
    return sorted({i for row in found["rows"] for i in log_requests.FULL.findall(str(row[5]))})


def _refused(
    deployment: Deployment, asked: str, candidates: Sequence[str], near: Sequence[str]
) -> InputError:
    if candidates:
        shown = [typed(deployment.loaded, "logs", "--request", one) for one in candidates[:5]]
        return InputError(
            f"{len(candidates)} requests begin with {asked!r}",
            [
                Diagnostic(one, hint=command)
                for one, command in zip(candidates, shown, strict=False)
            ],
        )
    hint = did_you_mean(asked, near) or (
        f"{typed(deployment.loaded, 'logs')} shows the requests of late" if near else ""
    )
    return InputError(
        f"no log speaks of {asked!r}",
        [Diagnostic("no line of any host holds this id", hint=hint)],
    )
