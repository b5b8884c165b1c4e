"""The plan as text and as a page: short, whole, and honest about who notices."""

from __future__ import annotations

from typing import Any

from gureum.plan import Plan, make_plan
from gureum.plan.document import Document
from gureum.plan.impact import impact
from gureum.plan.plan import Version
from gureum.steps.notice import Effect, Notice
from gureum.steps.states import FileWritten, PackagesInstalled, UnitActive
from gureum.steps.step import Step
from gureum.views import plan_text, plan_words
from gureum.views.plan_page import plan_page

WAITS = Notice(says="logins wait", seconds=3, effect=Effect.WAITS, apis=("k",))
SILENT = Notice(says="packets stop", seconds=0.4, effect=Effect.LATER, traffic=0.4)
LONG = "".join(f"line {n}\n" for n in range(60))
RUNNING: dict[str, Any] = {"active": "active", "enabled": True, "stale_inputs": [], "_exists": True}


def a_plan(new_files: int = 0) -> Plan:
    unit = UnitActive(name="k.service", inputs=("/etc/x",))
    steps = [
        Step(
            id="base.packages", host="one", why="w", service="base",
            state=PackagesInstalled(names=("p",)),
        ),
        Step(
            id="k.file./etc/x", host="one", why="w", service="k",
            state=FileWritten(path="/etc/x", content=LONG),
        ),
        Step(id="k.unit.k", host="one", why="w", service="k", state=unit, notice=WAITS),
        *(
            Step(
                id=f"k.file./etc/new{n}", host="one", why="w", service="k",
                state=FileWritten(path=f"/etc/new{n}", content=""),
            )
            for n in range(new_files)
        ),
    ]  # fmt: skip
    file = {"sha256": "0", "owner": "root", "group": "root", "mode": 0o644, "_exists": True}
    readings = {
        "one/base.packages": {"missing": ["p"], "_exists": True},
        "one/k.file./etc/x": {**file, "_content": "<script>alert(1)</script>\n"},
        "one/k.unit.k": RUNNING,
    }
    versions = {"one/base.packages": (Version("p", "1", "2"), Version("q", None, "3"))}
    return make_plan(steps, readings).with_versions(versions)


def test_the_text_groups_and_ends_in_what_others_notice() -> None:
    lines = list(plan_text.lines(a_plan()))
    assert lines[2:5] == ["one:", "  base:", "    ~ packages 1 packages"]
    assert "        p 1 -> 2" in lines
    assert "        q 3, new" in lines
    assert "      logins wait for about 3 s; running VMs untouched" in lines
    assert lines[-1] == (
        "1 file, 2 packages, 1 unit restarts; API requests wait about 3 s in all; "
        "running VMs are untouched"
    )


def test_a_long_difference_is_cut_unless_the_whole_is_asked_for() -> None:
    """And the cut says how much is missing and how to see it."""
    short, whole = list(plan_text.lines(a_plan())), list(plan_text.lines(a_plan(), whole=True))
    assert "        +line 59" not in short
    assert "        … 38 more lines   (--diff shows them)" in short
    assert "        +line 59" in whole


def test_many_new_things_are_counted_unless_the_whole_is_asked_for() -> None:
    short, whole = list(plan_text.lines(a_plan(9))), list(plan_text.lines(a_plan(9), whole=True))
    assert "    + 9 files   (--diff names each)" in short
    assert "    + /etc/new8" in whole


def test_vms_that_lose_packets_are_said_to() -> None:
    unit = UnitActive(name="v.service", inputs=("/etc/x",))
    step = Step(id="v", host="two", why="", state=unit, notice=SILENT)
    plan = make_plan([step], {"two/v": {**RUNNING, "stale_inputs": ["/etc/x"]}})
    assert plan_words.summary(impact(plan)) == (
        "no files, 1 unit restarts; no API pauses; "
        "running VMs are cut off from their networks for less than 1 s on two"
    )


def page_of(plan: Plan) -> str:
    return plan_page(Document("c", "2026.2", "2026-11-21T16:00:00+0000", "1", {}, {}, plan))


def test_the_page_shows_the_same_and_fetches_nothing() -> None:
    """R-CONF: a client reads it offline; what a host holds is text and never markup."""
    page = page_of(a_plan())
    assert "Logins wait for about 3 s." in page
    assert "Running VMs are untouched." in page
    assert "API requests wait about 3 s in all." in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "src=" not in page
    assert "+line 59" in page


def test_the_page_of_an_empty_plan_says_so() -> None:
    page = page_of(make_plan([], {}))
    assert "Nothing would change." in page
