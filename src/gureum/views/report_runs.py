"""The parts of the report that tell of time: how the cloud was built, and what was done since."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from gureum.report.cloud_report import CloudReport
from gureum.report.runs import Run
from gureum.report.timeline import Timeline
from gureum.views.drawing import svg
from gureum.views.gantt_svg import gantt_drawing
from gureum.views.markup import Child, Markup, tag
from gureum.views.moments import moment
from gureum.views.page import Section, State, badge, details, table
from gureum.views.topology_svg import PHONE, WIDE
from gureum.views.wording import seconds

LAST = 10
"""Runs that are told of."""
_NAMED = 8


def building(report: CloudReport) -> Section:
    """Return the last run that built something as a picture, and a later one that changed something."""
    lead = "Each bar is a step that brought a host closer to its wanted state and proved it."
    pictures: list[Child] = list(map(_picture, report.timelines))
    if not pictures:
        pictures = [tag("p", "The journal tells of no run that changed anything.")]
    return Section("building", "How it was built", pictures, lead)


def _picture(found: Timeline) -> Markup:
    drawn = sum(len(lane.bars) for lane in found.lanes)
    words = (
        f"{found.steps} steps, of which {drawn} are drawn; shorter ones are summed up by service"
    )
    label = f"A run of {seconds(found.seconds)} in time, a lane for each service"
    chain = [
        [tag("code", bar.key), seconds(bar.began), seconds(bar.seconds)] for bar in found.critical
    ]
    return tag(
        "figure",
        tag("h3", f"The run of {moment(found.origin)}, {seconds(found.seconds)}"),
        tag("div", svg(gantt_drawing(found, WIDE), label), class_="on-desk"),
        tag("div", svg(gantt_drawing(found, PHONE), label), class_="on-phone"),
        tag("figcaption", words, "."),
        details(
            f"The chain of {len(chain)} steps that decided the time",
            tag(
                "p", "Each waited for the one before it; making one of these faster is what counts."
            ),
            table(["step", "began after", "took"], chain, right=" rr"),
        ),
    )


def history(report: CloudReport) -> Section:
    """Return the last runs, newest first."""
    last = list(islice(reversed(report.runs), LAST))
    lead = f"The last {len(last)} of {len(report.runs)} runs that are kept, newest first."
    if len(last) == len(report.runs):
        lead = "Every run that is kept, newest first."
    rows = [[moment(run.began), _ended(run), _took(run), list(_changed(run))] for run in last]
    return Section(
        "history",
        "What changed when",
        table(["when", "how it ended", "took", "what changed"], rows),
        lead,
    )


def _ended(run: Run) -> Markup:
    if run.seconds is None:
        return badge(State.WARNING, "was cut off")
    if run.stopped:
        return badge(State.WARNING, "was stopped")
    if run.failed:
        return badge(State.BAD, f"{len(run.failed)} failed")
    return badge(State.GOOD, "done") if run.changed else badge(State.GOOD, "nothing to do")


def _took(run: Run) -> str:
    return "" if run.seconds is None else seconds(run.seconds)


def _changed(run: Run) -> Iterator[Child]:
    for step in run.failed:
        yield tag("div", tag("code", step.key), f": {step.error or 'failed'}")
    keys = [step.key for step in run.changed]
    if not keys:
        yield None if run.failed else "nothing"
        return
    if len(keys) <= _NAMED:
        yield from (tag("div", tag("code", key)) for key in keys)
        return
    named = tag("ul", [tag("li", tag("code", key)) for key in keys])
    yield details(f"{len(keys)} of {len(run.steps)} steps", named)
