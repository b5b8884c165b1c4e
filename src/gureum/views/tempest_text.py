"""What Tempest found, as text: how many tests ended how, then each that failed with its cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from gureum.operate.tempest.left_out import LEFT_OUT
from gureum.operate.tempest.results import Outcome
from gureum.operate.tempest.selection import SELECTIONS
from gureum.views.data import Line
from gureum.views.paragraph import wrapped
from gureum.views.table import columns
from gureum.views.wording import seconds

_SKIPS = 8
"""How many reasons of skipped tests are worth a line each."""


def lines(outcome: Outcome) -> Iterator[Line]:
    """Yield what a person reads when the tests have ended."""
    table = [
        ("tests", "passed", "failed", "skipped", "time"),
        (
            ", ".join(outcome.selection),
            str(outcome.passed),
            str(outcome.failed),
            str(outcome.skipped),
            seconds(outcome.seconds),
        ),
    ]
    head, row = columns(table, right=" rrrr")
    yield head, "bold"
    yield row, ""
    for failure in outcome.failures:
        yield "", ""
        yield f"failed  {failure.test}  {seconds(failure.seconds)}", "red"
        yield f"        {_first(failure.reason)}", ""
    if outcome.skips:
        yield "", ""
        yield "skipped, because", "bold"
        shown = list(outcome.skips.items())
        yield from ((f"{number:5}  {reason}", "") for reason, number in shown[:_SKIPS])
        if more := sum(number for _, number in shown[_SKIPS:]):
            yield f"{more:5}  other reasons", ""
    yield "", ""
    if outcome.left_behind:
        yield f"removed what tests left: {len(outcome.left_behind)} projects", ""
    yield f"each test, and the whole story of each failure: {outcome.log}", ""


def data(outcome: Outcome) -> dict[str, Any]:
    """Return the same as plain data, without the stories, which stand in the log."""
    found = asdict(outcome)
    for failure in found["failures"]:
        del failure["story"]
    return found


def listed() -> Iterator[Line]:
    """Yield the words that select tests, then the tests that are left out, and why."""
    yield "what can be run", "bold"
    for row in columns([(one.name, one.what) for one in SELECTIONS]):
        yield f"  {row}", ""
    yield "  or a regular expression of tests' names, such as test_network_basic_ops", ""
    yield "", ""
    yield "what is left out, for it cannot pass", "bold"
    for entry in LEFT_OUT:
        yield f"  {entry.tests}", ""
        yield from wrapped(entry.why, " " * 6)


def list_data() -> dict[str, Any]:
    """Return the same as plain data."""
    return {
        "selections": [
            {"name": one.name, "pattern": one.regex(), "what": one.what} for one in SELECTIONS
        ],
        "left_out": [asdict(entry) for entry in LEFT_OUT],
    }


def tests(names: Sequence[str]) -> Iterator[Line]:
    """Yield the names of tests."""
    yield from ((name, "") for name in names)


def _first(reason: str) -> str:
    return reason.splitlines()[0] if reason else "it did not say why"
