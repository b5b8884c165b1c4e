"""What a plan means to those who use the cloud, added up from what its units declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gureum.plan.action import Action
from gureum.plan.plan import Plan, PlannedStep
from gureum.steps.notice import Effect

EARLIER = "a change of an earlier run"


@dataclass(frozen=True)
class Impact:
    """How many files and packages change, which units restart, and who waits for how long.

    `api_seconds` adds up every pause of an API, one restart after another: the most that somebody
    who uses them all waits. `silent` are the hosts on which packets of running VMs stop, and for
    how long; it is empty where running VMs are untouched.
    """

    files: int
    packages: int
    starts: tuple[PlannedStep, ...]
    restarts: tuple[PlannedStep, ...]
    api_seconds: float
    errors: bool
    silent: Mapping[str, float]

    @property
    def untouched(self) -> bool:
        """Whether running VMs notice nothing."""
        return not self.silent


def impact(plan: Plan) -> Impact:
    """Return what the plan means to others."""
    noticed = [step.notice for step in plan.restarts if step.notice is not None]
    silent: dict[str, float] = {}
    for step in plan.restarts:
        if step.notice is not None and step.notice.traffic:
            silent[step.host] = silent.get(step.host, 0.0) + step.notice.traffic
    return Impact(
        files=sum(step.kind == "file" for step in plan.changes),
        packages=sum(len(step.versions) or _missing(step) for step in plan.changes),
        starts=tuple(s for s in plan.changes if s.kind == "unit" and not s.runs),
        restarts=plan.restarts,
        api_seconds=sum(notice.seconds for notice in noticed if notice.stops_api),
        errors=any(notice.effect is Effect.ERRORS for notice in noticed),
        silent=silent,
    )


def causes(plan: Plan, step: PlannedStep) -> tuple[str, ...]:
    """Return why a step runs again, in the words of what changed: paths, units, packages."""
    return tuple(dict.fromkeys(_cause(plan, step, cause) for cause in step.causes)) or _own(step)


def _cause(plan: Plan, step: PlannedStep, cause: str) -> str:
    other = plan.by_key.get(cause)
    if other is None:
        return cause if cause == EARLIER else f"{cause} is newer than the running unit"
    where = "" if other.host == step.host else f" on {other.host}"
    return f"{other.title or other.id}{where}"


def _own(step: PlannedStep) -> tuple[str, ...]:
    """Return what is wrong with the step itself, for one that nothing else makes run."""
    return tuple(f"it is {_said(key, value)}" for key, value in step.drift.items())


def _said(key: str, value: Mapping[str, object]) -> str:
    if key == "enabled":
        return "not started at boot" if not value["actual"] else "started at boot"
    if key == "active":
        return str(value["actual"])
    return f"not as wanted: {key}"


def _missing(step: PlannedStep) -> int:
    found = step.drift.get("missing", {}).get("actual") if step.kind == "packages" else None
    return len(found) if isinstance(found, list) else 0


def of_kind(steps: Iterable[PlannedStep], *kinds: str) -> tuple[PlannedStep, ...]:
    """Return the steps of some kinds of state."""
    return tuple(step for step in steps if step.kind in kinds and step.action is not Action.NOTHING)
