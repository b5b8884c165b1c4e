"""One run as bars in time: what took how long, and which chain of steps decided the whole time."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from gureum.report.runs import Run, StepRun

SHORTEST = 0.1
"""Seconds below which a step is summed up with its like, whatever the run."""
SHARE = 0.005
"""Share of the whole run below which a step is summed up as well."""
MOST = 56
"""Bars that a picture holds; beyond, the shortest are summed up."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A step in time; `began` and `ended` are seconds since the timeline's origin."""

    key: str
    label: str
    began: float
    ended: float
    critical: bool = False
    failed: bool = False

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


@dataclass(frozen=True, kw_only=True)
class Lane:
    """The bars of one service, and what its short steps add up to."""

    service: str
    bars: tuple[Bar, ...]
    others: int = 0
    others_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A moment worth naming."""

    name: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A run. `before` are the seconds from the origin to its first step, when hosts were made."""

    run: str
    origin: float
    seconds: float
    before: float
    lanes: tuple[Lane, ...]
    critical: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    steps: int
    failed: int


def timeline(
    run: Run,
    before: Mapping[str, Set[str]],
    services: Mapping[str, str],
    milestones: Mapping[str, float] | None = None,
    origin: float | None = None,
) -> Timeline:
    """Return a run in time.

    `before` gives the keys that each step waits for, `services` the service of each key, in the
    order of the lanes. The
    milestones of a verification count from `origin`, which is the timeline's as well where given.
    """
    began = run.began if origin is None else min(origin, run.began)
    chain = _critical(run, before)
    several = len({step.host for step in run.steps}) > 1
    end = max([run.began + (run.seconds or 0.0), *(s.ended for s in run.steps)])
    drawn = _worth_drawing(run, end - run.began, chain)
    lanes: dict[str, list[StepRun]] = {}
    for step in sorted(run.steps, key=lambda s: s.began):
        service = services.get(step.key) or step.id.partition(".")[0]
        lanes.setdefault(service, []).append(step)

    def bar(step: StepRun) -> Bar:
        return Bar(
            key=step.key,
            label=_label(step, several),
            began=step.began - began,
            ended=step.ended - began,
            critical=step.key in chain,
            failed=step.status in ("failed", "stopped"),
        )

    marks = [Mark(name=name, at=at) for name, at in (milestones or {}).items()]
    order = list(dict.fromkeys(services.values()))
    found = [
        _lane(name, lanes[name], drawn, bar)
        for name in sorted(lanes, key=lambda n: order.index(n) if n in order else -1)
    ]
    return Timeline(
        run=run.id,
        origin=began,
        seconds=max([end - began, *(mark.at for mark in marks)]),
        before=run.began - began,
        lanes=tuple(found),
        critical=tuple(bar(step) for step in _in_time(run, chain)),
        marks=tuple(marks),
        steps=len(run.steps),
        failed=len(run.failed),
    )


def _lane(service: str, steps: list[StepRun], drawn: Set[str], bar: object) -> Lane:
    assert callable(bar)
    short = [step for step in steps if step.key not in drawn]
    return Lane(
        service=service,
        bars=tuple(bar(step) for step in steps if step.key in drawn),
        others=len(short),
        others_seconds=sum(step.seconds for step in short),
    )


def _worth_drawing(run: Run, seconds: float, chain: Set[str]) -> frozenset[str]:
    least = max(SHORTEST, SHARE * seconds)
    wrong = {step.key for step in run.steps if step.status in ("failed", "stopped")}
    long = sorted(
        (step for step in run.steps if step.seconds >= least),
        key=lambda step: (step.key in chain or step.key in wrong, step.seconds),
        reverse=True,
    )
    return frozenset(wrong | {step.key for step in long[:MOST]})


def _critical(run: Run, before: Mapping[str, Set[str]]) -> frozenset[str]:
    """Return the chain that ends last: each step's latest need, back to the beginning."""
    worked = {step.key: step for step in run.steps if step.status not in ("skipped",)}
    if not worked:
        return frozenset()
    last = max(worked.values(), key=lambda step: step.ended)
    chain: set[str] = set()
    while last.key not in chain:
        chain.add(last.key)
        needs = [worked[key] for key in before.get(last.key, ()) if key in worked]
        if not needs:
            break
        last = max(needs, key=lambda step: step.ended)
    return frozenset(chain)


def _in_time(run: Run, chain: Set[str]) -> list[StepRun]:
    found = [step for step in run.steps if step.key in chain and step.seconds >= 0.005]
    return sorted(found, key=lambda step: step.ended)


def _label(step: StepRun, several: bool) -> str:
    parts = step.id.split(".")
    words = step.id
    if "unit" in parts[1:2]:
        words = step.id.split(".unit.", 1)[1]
    elif "file" in parts[1:2]:
        words = step.id.split(".file.", 1)[1]
    elif len(parts) == 2:
        words = parts[1].replace("_", " ")
    return f"{step.host}: {words}" if several else words
