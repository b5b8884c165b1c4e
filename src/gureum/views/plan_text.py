"""A plan as text: what would change and why, with diffs and restarts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gureum.plan.action import Action
from gureum.plan.plan import Plan, PlannedStep

WORDS = {
    Action.CREATE: "to create",
    Action.CHANGE: "to change",
    Action.RESTART: "to restart",
    Action.NOTHING: "in order",
}
LEGEND = "  ".join(f"{action.value} {word}" for action, word in WORDS.items())


def lines(plan: Plan) -> Iterator[str]:
    """Yield the plan host by host, then what would restart and how much it is."""
    if not plan.changes:
        yield f"nothing to change: {len(plan.steps)} steps are in order"
        return
    yield LEGEND
    for host in dict.fromkeys(step.host for step in plan.changes):
        yield ""
        yield f"{host}:"
        for step in plan.changes:
            if step.host == host:
                yield from (f"  {line}" for line in _step(step))
    yield ""
    if plan.restarts:
        yield "units that restart, and what they serve pauses for a moment:"
        yield from (f"  {step.key}: {', '.join(step.causes)}" for step in plan.restarts)
        yield ""
    counts = plan.counts()
    yield ", ".join(f"{counts[action]} {word}" for action, word in WORDS.items() if counts[action])


def _step(step: PlannedStep) -> Iterator[str]:
    title = f" {step.title}" if step.title and step.title not in step.id else ""
    yield f"{step.action.value} {step.id}{title}"
    if step.why:
        yield f"    why: {step.why}"
    if step.origin:
        yield f"    {step.origin}"
    if step.action is not Action.RESTART and step.causes:
        yield f"    because of: {', '.join(step.causes)}"
    if step.diff and step.action is Action.CHANGE:
        yield from (f"    {line}" for line in step.diff.splitlines())
    elif step.action is Action.CHANGE:
        yield from (f"    {line}" for line in _drift(step.drift))


def _drift(drift: Mapping[str, Any]) -> Iterator[str]:
    for key, value in drift.items():
        if key == "sha256":
            yield "its text changes (not shown)"
        elif key == "mode":
            yield f"mode: {_mode(value['actual'])} -> {_mode(value['wanted'])}"
        else:
            yield f"{key}: {value['actual']} -> {value['wanted']}"


def _mode(value: Any) -> str:
    return f"{value:04o}" if isinstance(value, int) else str(value)
