"""Which units are meant: by service, by unit, on all hosts or some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gureum.diagnostics import Diagnostic, did_you_mean
from gureum.errors import GureumError, InputError
from gureum.operate.deployment import Deployment
from gureum.operate.known import Known, known
from gureum.operate.typed import typed
from gureum.services.declaration import Unit
from gureum.services.systemd import file_name
from gureum.steps.states import UnitActive
from gureum.steps.step import Step


@dataclass(frozen=True, kw_only=True)
class ChosenUnit:
    """A unit on a host, as its service declares it, and the step that keeps it running."""

    host: str
    service: str
    unit: Unit
    step: Step
    state: UnitActive

    @property
    def key(self) -> str:
        """The step's key, unique in the cloud."""
        return self.step.key


def the_known(deployment: Deployment) -> Known:
    """Return the cloud as its hosts were last seen; raises GureumError where nobody ever looked."""
    name = deployment.cloud.name
    if not deployment.folder.exists:
        raise GureumError(f"there is no cloud {name!r} yet", hint=typed(deployment.loaded, "up"))
    found = known(deployment)
    if found.seen is None:
        raise GureumError(
            f"nothing is known yet of the hosts of {name!r}",
            detail="what runs where is known from the first plan or apply on",
            hint=typed(deployment.loaded, "plan"),
        )
    return found


def all_units(cloud: Known) -> tuple[ChosenUnit, ...]:
    """Return every unit of every host, in the order in which services are declared."""
    steps = {step.key: step for step in cloud.blueprint.steps}
    found = []
    for host, blueprint in cloud.blueprint.hosts.items():
        for declared in blueprint.declarations:
            for unit in declared.units:
                step = steps[f"{host}/{declared.service}.unit.{unit.name}"]
                assert isinstance(step.state, UnitActive)
                found.append(
                    ChosenUnit(
                        host=host, service=declared.service, unit=unit, step=step, state=step.state
                    )
                )
    return tuple(found)


def select(cloud: Known, names: Sequence[str], hosts: Sequence[str] = ()) -> tuple[ChosenUnit, ...]:
    """Return the units that `names` mean, services or units, on `hosts`; without names all of them.

    Raises InputError with every name that means nothing, each with the nearest that does.
    """
    loaded = cloud.deployment.loaded
    everything = all_units(cloud)
    problems = [
        _unknown("host", host, list(cloud.blueprint.hosts))
        for host in hosts
        if host not in cloud.blueprint.hosts
    ]
    means = [[u for u in everything if name in _names(u)] for name in names]
    known_names = {n for u in everything for n in (u.service, u.unit.name)}
    for name, meant in zip(names, means, strict=True):
        if not meant:
            problems.append(_unknown("service or unit", name, _ordered(everything), known_names))
        elif hosts and not problems and not any(u.host in hosts for u in meant):
            there = ", ".join(dict.fromkeys(u.host for u in meant))
            command = typed(loaded, "service status", name)
            problems.append(
                Diagnostic(f"{name} is not on {', '.join(hosts)} but on {there}", hint=command)
            )
    if problems:
        raise InputError(f"the cloud {loaded.cloud.name!r} has no such thing", problems)
    wanted = {u.key for meant in means for u in meant} if names else {u.key for u in everything}
    return tuple(u for u in everything if u.key in wanted and (not hosts or u.host in hosts))


def _names(one: ChosenUnit) -> set[str]:
    return {one.service, one.unit.name, file_name(one.unit)}


def _ordered(units: Iterable[ChosenUnit]) -> list[str]:
    return list(dict.fromkeys(u.service for u in units))


def _unknown(
    what: str, name: str, listed: Sequence[str], known_names: Iterable[str] = ()
) -> Diagnostic:
    near = did_you_mean(name, known_names or listed)
    return Diagnostic(
        f"no {what} is named {name!r}" if name else f"an empty name is no {what}",
        hint=near or f"it has: {', '.join(listed)}",
    )
