"""What somebody wants to see of the logs, checked and put into words that hosts understand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gureum.diagnostics import Diagnostic, did_you_mean
from gureum.errors import InputError
from gureum.operate.known import Known
from gureum.operate.services.selection import all_units
from gureum.remote.log_filter import compiled
from gureum.remote.log_record import rank
from gureum.services.rsyslog import own_units
from gureum.services.rsyslog_conf import CLASSES, FOLDER, OPENSTACK

LEVELS = ("debug", "info", "notice", "warning", "error", "critical")
MOST = 10_000
"""Records that are shown where a time is given and no number."""
LAST = 100
"""Records that are shown where neither is."""
_REQUEST = re.compile(r"(req-)?[0-9a-f]{6}[0-9a-f-]*")


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """What was typed; times are UNIX times. `names` are services or units, empty for all."""

    names: Sequence[str] = ()
    hosts: Sequence[str] = ()
    since: float | None = None
    until: float | None = None
    level: str = ""
    grep: str = ""
    request: str = ""
    number: int | None = None
    any: Sequence[str] = field(default=())

    @property
    def limit(self) -> int:
        """How many records are shown at most."""
        if self.number is not None:
            return self.number
        given = self.since is not None or self.until is not None or self.request or self.any
        return MOST if given else LAST

    @property
    def request_id(self) -> str:
        """The request's id, or its beginning, as it stands in the logs."""
        return self.request if self.request.startswith("req-") else f"req-{self.request}"


def services_of_units(cloud: Known) -> dict[str, str]:
    """Return the service of each unit that the cloud's hosts are to run."""
    return {one.unit.name: one.service for one in all_units(cloud)}


def check(query: LogQuery, cloud: Known, seen: Sequence[str] | None = None) -> None:
    """Raise InputError with everything of a query that means nothing, each with the nearest that does.

    A name may also be a unit that no service declares (sshd, kernel) if it is among `seen`; where
    that is not known yet, such names are let through.
    """
    problems = [
        _unknown("host", host, list(cloud.blueprint.hosts))
        for host in query.hosts
        if host not in cloud.blueprint.hosts
    ]
    declared = services_of_units(cloud)
    known_names = {*declared, *declared.values(), *(seen or ())}
    if seen is not None:
        problems += [
            _unknown("service or unit", name, sorted(set(declared.values())), known_names)
            for name in query.names
            if bare(name) not in known_names
        ]
    if query.level and query.level.lower() not in LEVELS:
        problems.append(_unknown("level", query.level, LEVELS))
    if query.request and not _REQUEST.fullmatch(query.request):
        problems.append(
            Diagnostic(
                f"{query.request!r} is no request id",
                hint="an id looks like req-1a2b3c4d-…; its beginning will do, from six digits on",
            )
        )
    if query.number is not None and query.number < 1:
        problems.append(Diagnostic(f"{query.number} records are none", hint="-n 100"))
    if query.since is not None and query.until is not None and query.since > query.until:
        problems.append(Diagnostic("--since is later than --until", hint="exchange the two"))
    if query.grep:
        try:
            compiled(query.grep)
        except re.error as error:
            hint = f"--grep {re.escape(query.grep)!r} looks for these very characters"
            problems.append(Diagnostic(f"--grep {query.grep!r}: {error}", hint=hint))
    if problems:
        raise InputError("the logs cannot be searched so", problems)


def wish(query: LogQuery, cloud: Known) -> dict[str, Any]:
    """Return the query as the plain data that `remote.log_search` and `remote.log_filter` take."""
    declared = services_of_units(cloud)
    units = {u for name in query.names for u in _units(bare(name), declared)}
    own = {u for h in cloud.blueprint.hosts.values() for u in own_units(h.declarations)}
    return {
        "folder": FOLDER,
        "kinds": [OPENSTACK] if units and units <= own else list(CLASSES),
        "hosts": list(query.hosts),
        "units": sorted(units),
        "since": query.since,
        "until": query.until,
        "level": rank(query.level) if query.level else 0,
        "grep": query.grep,
        "any": list(query.any),
        "limit": query.limit,
    }


def bare(name: str) -> str:
    """Return a unit's name as it stands in the logs."""
    return name.removesuffix(".service")


def _units(name: str, declared: Mapping[str, str]) -> list[str]:
    return [u for u, service in declared.items() if name in (u, service)] or [name]


def _unknown(
    what: str, name: str, listed: Sequence[str], known_names: Sequence[str] | set[str] = ()
) -> Diagnostic:
    near = did_you_mean(name, known_names or listed)
    return Diagnostic(
        f"no {what} is named {name!r}", hint=near or f"there are: {', '.join(listed)}"
    )
