"""What a check is, and what it answers with."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gureum.checks.context import CheckContext


class Status(enum.Enum):
    """How a check ended: `warn` is worth a look and stops nothing, `skip` says why in its summary."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One look: the command or URL, where it was asked, what came back, and how long it took."""

    command: str
    host: str = ""
    output: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The answer of one check (R-VERIFY-1).

    `summary` is one line for people, `value` the measured figure where there is one (`unit` says of
    what), `hint` the way out of a failure: a line the reader can run or do.
    """

    id: str
    title: str
    status: Status
    summary: str
    evidence: tuple[Evidence, ...] = ()
    value: float | None = None
    unit: str = ""
    hint: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the body of a check returns; who runs it adds id, title and time."""

    status: Status
    summary: str
    evidence: tuple[Evidence, ...] = ()
    value: float | None = None
    unit: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A read-only look at a cloud.

    `id` is dotted and can be read aloud (`nova.services_up`), `proves` says what a pass means, in
    one sentence, and `requirement` which requirement it serves.
    """

    id: str
    title: str
    proves: str
    run: Callable[[CheckContext], Verdict]
    requirement: str = "R-VERIFY-1"


def verdict(
    wrong: list[str],
    good: str,
    *,
    evidence: tuple[Evidence, ...] = (),
    hint: str = "",
    value: float | None = None,
    unit: str = "",
    doubtful: list[str] | None = None,
) -> Verdict:
    """Return fail with everything in `wrong`, else warn with `doubtful`, else pass with `good`."""
    if wrong or doubtful:
        status = Status.FAIL if wrong else Status.WARN
        summary = "; ".join([*wrong, *(doubtful or [])])
        return Verdict(
            status=status, summary=summary, evidence=evidence, hint=hint, value=value, unit=unit
        )
    return Verdict(status=Status.PASS, summary=good, evidence=evidence, value=value, unit=unit)
