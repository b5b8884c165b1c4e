"""Makes a plan from steps and what was read on the hosts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gureum.plan.action import Action
from gureum.plan.difference import clean, unified
from gureum.plan.graph import Graph
from gureum.plan.plan import Plan, PlannedStep
from gureum.remote.compare import drift
from gureum.remote.options_read import part
from gureum.steps.states import FileWritten, UnitActive
from gureum.steps.step import Step

Readings = Mapping[str, Mapping[str, Any]]


def make_plan(
    steps: Sequence[Step],
    readings: Readings,
    *,
    redact: Callable[[str], str] = str,
    owed: Collection[str] = (),
) -> Plan:
    """Return what applying `steps` would do to hosts that look like `readings` (by step key).

    A step without a reading is one that nobody could look at yet: it is created. `owed` names steps
    whose watched step changed in an earlier run that did not come to them.
    """
    graph = Graph(steps)

    # Hosts of one role get the same files, so most differences are there many times.
    @functools.cache
    def difference(path: str, actual: str, wanted: str) -> str:
        return unified(path, actual, wanted, redact)

    planned: dict[str, PlannedStep] = {}
    turns: dict[str, int] = {}
    for key in graph.order:
        step = graph.steps[key]
        reading = readings.get(key)
        changed = [need for need in sorted(graph.before[key]) if _changes(planned[need])]
        causes = [need for need in changed if need in step.watches]
        causes += _rewritten(step, [graph.steps[need] for need in changed], planned, readings)
        causes += _stale(reading or {}, causes, graph)
        if key in owed and not causes:
            causes.append("a change of an earlier run")
        one = _plan_one(step, reading, tuple(dict.fromkeys(causes)), redact, difference)
        turns[key] = max((turns[need] for need in graph.before[key]), default=0) + one.interrupts
        planned[key] = replace(one, turn=turns[key]) if one.interrupts else one
    return Plan(tuple(planned[key] for key in graph.order))


def _changes(step: PlannedStep) -> bool:
    return step.action is not Action.NOTHING


def _plan_one(
    step: Step,
    reading: Mapping[str, Any] | None,
    causes: tuple[str, ...],
    redact: Callable[[str], str],
    difference: Callable[[str, str, str], str],
) -> PlannedStep:
    state = step.state
    found = drift(state.expected(), reading or {})
    action = _action(step, reading, set(found), bool(causes))
    diff = ""
    if isinstance(state, FileWritten) and "sha256" in found and not state.hidden:
        diff = difference(state.path, str((reading or {}).get("_content", "")), state.content)
    return PlannedStep(
        key=step.key,
        host=step.host,
        id=step.id,
        service=step.service,
        kind=state.kind,
        title=redact(state.title()),
        why=step.why,
        action=action,
        drift=clean(found, redact),
        diff=diff,
        causes=causes,
        reading=clean({k: v for k, v in (reading or {}).items() if k != "_content"}, redact),
        notice=step.notice,
    )


def _rewritten(
    step: Step, changed: list[Step], planned: Mapping[str, PlannedStep], readings: Readings
) -> list[str]:
    """Return the steps that will write anew what a unit reads; a new mode restarts nothing."""
    if not isinstance(step.state, UnitActive):
        return []
    files = [(o.key, o.state) for o in changed if isinstance(o.state, FileWritten)]
    return [
        key
        for key, file in files
        if key.split("/", 1)[0] == step.host
        and "sha256" in planned[key].drift
        and file.path in step.state.inputs
        and _is_read(step.state, file, readings.get(key) or {})
    ]


def _is_read(unit: UnitActive, file: FileWritten, reading: Mapping[str, Any]) -> bool:
    """Tell whether a unit reads any of the options in which the file will differ."""
    unread = list(unit.unread.get(file.path, ()))
    if not unread or "_content" not in reading:
        return True
    return part(str(reading["_content"]), unread) != part(file.content, unread)


def _stale(reading: Mapping[str, Any], causes: list[str], graph: Graph) -> list[str]:
    """Return the files that are newer than their unit and not about to be written anyway."""
    known = {graph.steps[key].state.title() for key in causes}
    return [str(path) for path in reading.get("stale_inputs") or () if path not in known]


def _action(step: Step, reading: Mapping[str, Any] | None, found: set[str], again: bool) -> Action:
    if not found and not again:
        return Action.NOTHING
    if not reading or reading.get("_exists") is False:
        # What exists by itself only, a command's deed, has no other trace than its check.
        return Action.CREATE if found else Action.CHANGE
    if isinstance(step.state, UnitActive) and found <= {"stale_inputs"}:
        return Action.RESTART
    return Action.CHANGE
