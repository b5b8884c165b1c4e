"""The lines of a log that tell why a unit failed."""

from __future__ import annotations

from gureum.remote import unit_log

PREFIX = "2026-11-21 15:05:47.570 1089 ERROR placement "


def test_openstacks_traceback_is_kept_up_to_its_empty_last_line() -> None:
    """Every line says ERROR, the last one nothing else; what follows it is another start."""
    cause = PREFIX + "(1146, \"Table 'placement.traits' doesn't exist\")"
    frames = [f'{PREFIX}  File "x.py", line {i}' for i in range(100)]
    noise = [f"thunder lock: enabled {i}" for i in range(40)]
    found = unit_log.worst(["INFO fine", *frames, cause, PREFIX, *noise])
    assert cause in found
    assert len(found) <= unit_log.KEPT
    assert len([line for line in found if line in noise]) < 8


def test_a_traceback_of_pythons_own_ends_with_its_error() -> None:
    lines = ["INFO a", "Traceback (most recent call last):", *["  File"] * 9, "KeyError: 'x'"]
    assert unit_log.worst(lines)[-1] == "KeyError: 'x'"
