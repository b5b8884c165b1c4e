"""A plan as text: what would change and why, with diffs, and who would notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gureum.plan.action import Action
from gureum.plan.impact import causes, impact
from gureum.plan.plan import Plan, PlannedStep
from gureum.views import plan_words as words

LEGEND = "  ".join(f"{action.value} {word}" for action, word in words.WORDS.items())
LINES = 24
"""Lines of one difference that are shown unless the whole is asked for."""


def lines(plan: Plan, whole: bool = False) -> Iterator[str]:
    """Yield the plan host by host and service by service, then who would notice."""
    if not plan.changes:
        yield f"nothing to change: {len(plan.steps)} steps are in order"
        return
    yield LEGEND
    for host in dict.fromkeys(step.host for step in plan.changes):
        of_host = [step for step in plan.changes if step.host == host]
        yield ""
        yield f"{host}:"
        for service in dict.fromkeys(step.service for step in of_host):
            steps = [step for step in of_host if step.service == service]
            yield f"  {service or 'other'}:"
            yield from (f"    {line}" for line in _service(plan, steps, whole))
    yield ""
    yield from _restarts(plan)
    counts = plan.counts()
    yield ", ".join(f"{counts[a]} {word}" for a, word in words.WORDS.items() if counts[a])
    yield words.summary(impact(plan))


def _service(plan: Plan, steps: Sequence[PlannedStep], whole: bool) -> Iterator[str]:
    """Yield a service's steps; what is all new is counted, for it has no differences to show."""
    new = [step for step in steps if step.action is Action.CREATE and not step.versions]
    if len(new) > 3 and not whole:
        yield f"{Action.CREATE.value} {words.kinds(new)}   (--diff names each)"
        steps = [step for step in steps if step not in new]
    for step in steps:
        yield from _step(plan, step, whole)


def _step(plan: Plan, step: PlannedStep, whole: bool) -> Iterator[str]:
    title = f" {step.title}" if step.title and step.title not in step.id else ""
    yield f"{step.action.value} {_short(step)}{title}"
    if step.why and (whole or step.action is not Action.RESTART):
        yield f"    why: {step.why}"
    if step.origin:
        yield f"    {step.origin}"
    if step.causes:
        yield f"    because of: {', '.join(causes(plan, step))}"
    shown = [*words.versions(step)]
    if step.action is Action.CHANGE:
        # The first two lines of a diff name the file, which stands above already.
        shown += step.diff.splitlines()[2:] or ([] if shown else words.differing(step.drift))
    limit = len(shown) if whole else LINES
    yield from (f"    {line}" for line in shown[:limit])
    if len(shown) > limit:
        yield f"    … {len(shown) - limit} more lines   (--diff shows them)"


def _restarts(plan: Plan) -> Iterator[str]:
    if not plan.restarts:
        return
    yield "units that restart, those of one number at once, and who notices:"
    for step in plan.restarts:
        yield f"  {step.turn} {words.unit(step)} on {step.host}"
        if step.notice is not None:
            yield f"      {words.noticed(step.notice)}"
        yield f"      because of: {', '.join(causes(plan, step))}"
    yield ""


def _short(step: PlannedStep) -> str:
    """Return a step's id without its service and kind, which stand above it."""
    short = step.id.removeprefix(f"{step.service}.")
    return short.removeprefix("file.").removeprefix("unit.")
