"""What a plan means to others: turns, causes, sums."""

from __future__ import annotations

from typing import Any

from gureum.plan import Plan, make_plan
from gureum.plan.impact import causes, impact
from gureum.steps.notice import NOBODY, Effect, Notice
from gureum.steps.states import FileWritten, UnitActive
from gureum.steps.step import Step

RUNNING: dict[str, Any] = {"active": "active", "enabled": True, "stale_inputs": [], "_exists": True}
STOPPED = {**RUNNING, "active": "inactive", "_exists": False}
FILE = {"sha256": "0", "owner": "root", "group": "root", "mode": 0o644, "_exists": True}
WAITS = Notice(says="requests wait", seconds=3, effect=Effect.WAITS, apis=("a",))
FAILS = Notice(says="requests fail", seconds=2, effect=Effect.ERRORS, apis=("a",))
SILENT = Notice(says="packets stop", seconds=1, effect=Effect.LATER, traffic=1)


def unit(name: str, notice: Notice, *needs: str, reads: str = "/etc/x") -> Step:
    return Step(
        id=name,
        host="one",
        why="",
        service="s",
        notice=notice,
        needs=frozenset(f"one/{need}" for need in needs),
        state=UnitActive(name=f"{name}.service", inputs=(reads,)),
    )


def plan(*units: Step, readings: dict[str, dict[str, Any]] | None = None) -> Plan:
    file = Step(
        id="x", host="one", why="", service="s", state=FileWritten(path="/etc/x", content="")
    )
    running = {step.key: RUNNING for step in units}
    return make_plan([file, *units], {"one/x": FILE, **running, **(readings or {})})


def test_restarts_come_in_turns_by_what_needs_what() -> None:
    """Those that need each other one after another, all others at once."""
    made = plan(unit("c", WAITS, "b"), unit("b", WAITS, "a"), unit("a", NOBODY), unit("d", NOBODY))
    assert [(step.turn, step.id) for step in made.restarts] == [
        (1, "a"), (1, "d"), (2, "b"), (3, "c"),
    ]  # fmt: skip


def test_a_turn_counts_only_units_that_restart() -> None:
    """What is in order between two of them does not make one wait."""
    made = plan(unit("c", WAITS, "b"), unit("b", WAITS, "a", reads="/etc/y"), unit("a", NOBODY))
    assert [(step.turn, step.id) for step in made.restarts] == [(1, "a"), (2, "c")]


def test_pauses_add_up_and_errors_and_vms_are_told() -> None:
    found = impact(plan(unit("a", WAITS), unit("b", NOBODY)))
    assert (found.files, len(found.restarts), found.api_seconds) == (1, 2, 3)
    assert found.untouched
    assert not found.errors
    found = impact(plan(unit("a", WAITS), unit("b", FAILS), unit("c", SILENT)))
    assert found.api_seconds == 5
    assert found.errors
    assert found.silent == {"one": 1}
    assert not found.untouched


def test_a_unit_that_did_not_run_interrupts_nobody() -> None:
    """It starts, and nobody had anything of it before."""
    found = impact(plan(unit("a", FAILS), readings={"one/a": STOPPED}))
    assert found.restarts == ()
    assert [step.id for step in found.starts] == ["a"]
    assert found.api_seconds == 0


def test_a_unit_that_is_only_enabled_goes_on_running() -> None:
    """Nobody has to notice that a unit will start at the next boot as well."""
    disabled = {**RUNNING, "enabled": False}
    made = plan(unit("a", WAITS, reads="/etc/y"), readings={"one/a": disabled})
    found = impact(made)
    assert (found.restarts, found.starts, found.api_seconds) == ((), (), 0)
    assert causes(made, made.by_key["one/a"]) == ("it is not started at boot",)
    changed = plan(unit("a", WAITS), readings={"one/a": disabled})
    assert [one.id for one in impact(changed).restarts] == ["a"]


def test_causes_are_told_by_what_people_know() -> None:
    """A path, not a step's key; a file that somebody else wrote; an earlier run."""
    made = plan(unit("a", WAITS))
    assert causes(made, made.restarts[0]) == ("/etc/x",)
    stale = {**RUNNING, "stale_inputs": ["/etc/y"]}
    made = plan(unit("a", WAITS, reads="/etc/y"), readings={"one/a": stale})
    assert causes(made, made.restarts[0]) == ("/etc/y is newer than the running unit",)
