"""What Tempest told of each test, and what of it is worth a line."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

_RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:: .*|)$")


@dataclass(frozen=True)
class Told:
    """How one test ended: in how many seconds, why it was skipped or failed, and its whole story."""

    test: str
    status: str
    seconds: float = 0.0
    reason: str = ""
    story: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A run of Tempest: the tests chosen, how they ended, and where the rest is told."""

    cloud: str
    selection: tuple[str, ...]
    seconds: float
    passed: int
    failed: int
    skipped: int
    failures: tuple[Told, ...]
    skips: dict[str, int]
    left_behind: tuple[str, ...]
    log: str
    configuration: str


def read(lines: Iterable[str]) -> Iterator[Told]:
    """Yield each test of the lines that `tell.py` writes; a torn last line is no test."""
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        said = str(found["said"])
        status = str(found["status"])
        yield Told(
            test=found["test"],
            status=status,
            seconds=found["seconds"],
            reason=cause(said) if status == FAILED else said,
            story="\n".join(filter(None, (said, found["log"]))) if status == FAILED else "",
        )


def counts(told: Iterable[Told]) -> Counter[str]:
    """Return how many tests ended how."""
    return Counter(one.status for one in told)


def cause(traceback: str) -> str:
    """Return the line of a traceback that says what went wrong, with the details that follow it.

    Of several tracebacks, of a failure and of what its cleaning met, the first tells.
    """
    lines = traceback.splitlines()
    raised = (
        number
        for number, line in enumerate(lines)
        if line[:1].strip()
        and not line.startswith(("Traceback", "Captured"))
        and _RAISED.match(line)
    )
    at = next(raised, None)
    if at is None:
        return lines[-1].strip() if lines else "it said nothing"
    told = lines[at].rpartition(".")[2] if ":" not in lines[at] else _short(lines[at])
    following = lines[at + 1].strip() if at + 1 < len(lines) else ""
    return f"{told} {following}" if following.startswith("Details:") else told


def _short(line: str) -> str:
    """Return `exceptions.NotFound: …` for `tempest.lib.exceptions.NotFound: …`."""
    name, colon, rest = line.partition(":")
    return f"{name.rpartition('.')[2]}{colon}{rest}"


def why_skipped(told: Iterable[Told]) -> dict[str, int]:
    """Return how many tests were skipped for each reason, the commonest first."""
    found = Counter(_known(one.reason) for one in told if one.status == SKIPPED)
    return dict(found.most_common())


def _known(reason: str) -> str:
    """Return a reason without the class that gives it: many classes have the same."""
    first = reason.splitlines()[0] if reason else "no reason given"
    return re.sub(r"^\w+ skipped as ", "", first).rstrip(".")
