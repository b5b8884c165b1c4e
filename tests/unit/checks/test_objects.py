"""What is said of Swift: a missing disk is no loss, a silent host or other rings are."""

from __future__ import annotations

from typing import Any

from gureum.checks.objects import judge

WELL: dict[str, Any] = {"error": "", "unmounted": [], "ring": True, "replicated": 12}


def test_a_swift_that_is_well_has_nothing_said_of_it() -> None:
    assert judge({"one": WELL, "two": WELL}) == ([], [])


def test_a_missing_disk_is_a_warning_and_names_its_host() -> None:
    wrong, doubtful = judge({"one": WELL, "two": {**WELL, "unmounted": ["disk2"]}})
    assert wrong == []
    assert doubtful == ["two: disk2 is not mounted"]


def test_a_silent_host_and_other_rings_are_failures() -> None:
    found = {"one": {"error": "no answer"}, "two": {**WELL, "ring": False}}
    wrong, _ = judge(found)
    assert wrong == ["one: no answer", "two has other rings"]
