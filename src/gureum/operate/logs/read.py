"""`gureum logs`: the records that were asked for, from all hosts, in their order (R-OPS-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gureum.errors import HostError
from gureum.operate.deployment import Deployment
from gureum.operate.known import Known
from gureum.operate.logs.place import Place, place
from gureum.operate.logs.record import LogRecord, record
from gureum.operate.logs.wish import LogQuery, check, services_of_units, wish
from gureum.operate.services.selection import the_known
from gureum.remote import log_follow

WAITS = 2.0
"""Seconds that a host waits for new lines before it answers that there are none."""
OVERLAP = 3.0


@dataclass(frozen=True, kw_only=True)
class Found:
    """Records, oldest first; `more` tells that there were others before them.

    `hosts` is how many hosts the cloud has, `notes` say what of the answer is not as it should be.
    """

    records: tuple[LogRecord, ...]
    more: bool
    hosts: int
    notes: tuple[str, ...]


def read(deployment: Deployment, query: LogQuery) -> Found:
    """Return the latest records that a query asks for.

    Raises InputError for what means nothing, GureumError where no host can be asked.
    """
    cloud = the_known(deployment)
    check(query, cloud)
    with place(cloud) as where:
        found = where.search(wish(query, cloud))
        if not found["rows"]:
            _check_names(query, cloud, where)
        return Found(
            records=records(cloud, found["rows"]),
            more=found["more"],
            hosts=len(cloud.blueprint.hosts),
            notes=tuple(where.notes),
        )


def follow(
    deployment: Deployment, query: LogQuery, start: Callable[[Found], None]
) -> Iterator[LogRecord]:
    """Hand `start` the latest records, then yield each new one as it comes, until interrupted."""
    cloud = the_known(deployment)
    check(query, cloud)
    with place(cloud) as where:
        asked = wish(query, cloud)
        places = (
            where.call(log_follow.follow, asked, None, 0.0)["places"] if where.controller else None
        )
        found = where.search(asked)
        if not found["rows"]:
            _check_names(query, cloud, where)
        begun = records(cloud, found["rows"])
        start(
            Found(
                records=begun,
                more=False,
                hosts=len(cloud.blueprint.hosts),
                notes=tuple(where.notes),
            )
        )
        shown = set(begun)
        while True:
            if places is not None:
                answer = where.call(log_follow.follow, asked, places, WAITS)
                places = answer["places"]
                new = [r for r in records(cloud, answer["rows"]) if r not in shown]
                shown = set()
            else:
                new = _new(cloud, where, asked, shown)
            yield from new


def records(cloud: Known, rows: Sequence[Sequence[Any]]) -> tuple[LogRecord, ...]:
    """Return rows as records, with every known secret hidden."""
    services = services_of_units(cloud)
    redact = cloud.blueprint.secrets.redactor()
    return tuple(record(row, services, redact) for row in rows)


def _new(
    cloud: Known, where: Place, asked: dict[str, Any], shown: set[LogRecord]
) -> list[LogRecord]:
    """Return what hosts without a controller logged since, by asking them again."""
    import time

    time.sleep(WAITS / 2)
    latest = max((r.time for r in shown), default=time.time())
    try:
        answer = where.search({**asked, "since": latest - OVERLAP, "limit": 0})
    except HostError:
        return []
    new = [r for r in records(cloud, answer["rows"]) if r not in shown]
    shown.update(new)
    for old in [r for r in shown if r.time < latest - 2 * OVERLAP]:
        shown.discard(old)
    return new


def _check_names(query: LogQuery, cloud: Known, where: Place) -> None:
    """Raise InputError for names that neither the cloud nor its logs know."""
    declared = services_of_units(cloud)
    if all(name in declared or name in declared.values() for name in query.names):
        return
    everything = LogQuery(number=5000)
    check(query, cloud, where.search(wish(everything, cloud))["units"])
