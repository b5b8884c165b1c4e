"""Faults of a graph of steps, and its orders."""

from __future__ import annotations

import pytest

from gureum.errors import InternalError
from gureum.plan import Graph
from gureum.steps.states import CommandDone, FileWritten, UnitActive
from gureum.steps.step import State, Step


def step(name: str, *needs: str, state: State | None = None, watches: tuple[str, ...] = ()) -> Step:
    return Step(
        id=name,
        host="one",
        state=state or CommandDone(check=("true",), command=("true",)),
        why="",
        needs=frozenset(f"one/{need}" for need in needs),
        watches=frozenset(f"one/{need}" for need in watches),
    )


def test_unknown_needs_are_all_named_with_the_nearest() -> None:
    """A misspelt need is a fault of gureum: exit 2, every one named."""
    with pytest.raises(InternalError) as caught:
        Graph([step("nova.conf"), step("a", "nova.cnf"), step("b", "nothing-like-it")])
    lines = caught.value.detail.splitlines()
    assert lines[0] == "one/a needs one/nova.cnf (did you mean 'one/nova.conf'?)"
    assert lines[1] == "one/b needs one/nothing-like-it"


def test_a_cycle_is_named_from_end_to_end() -> None:
    """Who needs whom, in a circle."""
    with pytest.raises(InternalError, match="circle") as caught:
        Graph([step("a", "b"), step("b", "c"), step("c", "a")]).order  # noqa: B018
    assert sorted(set(caught.value.detail.split(" -> "))) == ["one/a", "one/b", "one/c"]


def test_two_steps_of_one_key_are_named() -> None:
    """Which of the two would win is nobody's guess."""
    with pytest.raises(InternalError, match="declared twice: one/a"):
        Graph([step("a"), step("a")])


def test_a_unit_comes_after_the_files_it_reads() -> None:
    """Even where its service forgot to say so; watches come first as well."""
    graph = Graph(
        [
            step("unit", state=UnitActive(name="x", inputs=("/etc/x.conf",)), watches=("y",)),
            step("file", state=FileWritten(path="/etc/x.conf", content="")),
            step("y"),
        ]
    )
    assert graph.before["one/unit"] == {"one/file", "one/y"}
    assert graph.order[-1] == "one/unit"
    assert graph.watchers("one/y") == ("one/unit",)


def test_the_way_that_remains_counts_only_what_is_due() -> None:
    """A step in order takes no time, so it does not make its way look long."""
    graph = Graph([step("a"), step("b", "a"), step("c", "b")])
    durations = {"one/a": 1.0, "one/b": 10.0, "one/c": 2.0}
    assert graph.remaining(durations, set(durations)) == {
        "one/a": 13.0,
        "one/b": 12.0,
        "one/c": 2.0,
    }
    assert graph.remaining(durations, {"one/a", "one/c"})["one/a"] == 3.0
