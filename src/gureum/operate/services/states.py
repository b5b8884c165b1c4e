"""`gureum service status`: the state of units on all hosts, with the last error of each."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gureum.checks.expected import ExpectedUnit
from gureum.errors import GureumError
from gureum.operate.deployment import Deployment
from gureum.operate.health import UnitHealth
from gureum.operate.services.asking import ask
from gureum.operate.services.selection import ChosenUnit, select, the_known
from gureum.operate.status import unit_health
from gureum.operate.typed import typed
from gureum.remote import service_look


@dataclass(frozen=True, kw_only=True)
class LastError:
    """The last error of a unit's logs: when (UNIX time, None if it did not say), and where it stands."""

    time: float | None
    line: str
    path: str


@dataclass(frozen=True, kw_only=True)
class UnitState:
    """A unit as its host shows it; `error` holds its last error of this or an earlier run."""

    health: UnitHealth
    enabled: bool
    error: LastError | None
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceStates:
    """The units that were asked for, and why some hosts could not be asked."""

    time: float
    units: tuple[UnitState, ...]
    unreachable: Mapping[str, str]

    @property
    def well(self) -> bool:
        """Whether every unit that was asked for runs."""
        return not self.unreachable and all(unit.health.good for unit in self.units)


def states(
    deployment: Deployment, names: Sequence[str], hosts: Sequence[str] = ()
) -> ServiceStates:
    """Return the states of the units that `names` mean, all of them without a name.

    Raises InputError for names that mean nothing, HostError where no host answers.
    """
    cloud = the_known(deployment)
    chosen = select(cloud, names, hosts)
    redact = cloud.blueprint.secrets.redactor()
    by_host: dict[str, list[ChosenUnit]] = {}
    for one in chosen:
        by_host.setdefault(one.host, []).append(one)
    answers, unreachable = ask(
        deployment,
        {host: (service_look.states, [asked(one) for one in its]) for host, its in by_host.items()},
    )
    if not answers:
        raise GureumError(
            "no host can be asked: " + ", ".join(f"{h} {why}" for h, why in unreachable.items()),
            hint=typed(deployment.loaded, "up"),
        )
    found = [
        unit_state(deployment, one, answers[host], redact)
        for host in by_host
        if host in answers
        for one in by_host[host]
    ]
    return ServiceStates(time=time.time(), units=tuple(found), unreachable=unreachable)


def asked(one: ChosenUnit) -> dict[str, Any]:
    """Return what a host is asked about a unit."""
    # gureum's own units log in UTC, the distribution's in the zone of their host.
    return {
        "name": one.state.name,
        "log_files": list(one.state.log_files),
        "utc": not one.unit.shipped,
    }


def unit_state(
    deployment: Deployment, one: ChosenUnit, answer: Mapping[str, Any], redact: Any
) -> UnitState:
    """Return a unit's state from a host's answer."""
    entry = answer["units"][one.state.name]
    expected = ExpectedUnit(one.unit.name, one.host, one.unit.oneshot)
    health = unit_health(one.service, expected, entry["properties"], answer["memory"])
    error = entry["error"]
    log = typed(deployment.loaded, "logs", "--host", one.host, one.unit.name)
    return UnitState(
        health=health,
        enabled=entry["enabled"],
        error=error and LastError(**{**error, "line": redact(error["line"])}),
        hint="" if health.good else log,
    )
