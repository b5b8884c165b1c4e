"""Turns what a host answered about a step into its status, evidence and problem."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from gureum.apply.events import Problem, Status
from gureum.errors import GureumError
from gureum.plan.difference import clean
from gureum.remote.failure import Failure


def outcome_of(
    future: Future[Any], redact: Callable[[str], str], ssh: str
) -> tuple[Status, dict[str, Any]]:
    """Return the status and the fields of the step's end, every text redacted.

    `ssh` are the words that lead to the host, where what a host says to type is typed.
    """
    try:
        answer = future.result()
    except Failure as failure:
        problem = Problem(
            redact(failure.message),
            log_lines=tuple(redact(line) for line in failure.log_lines),
            hint=redact(f"{ssh} {failure.hint}") if failure.hint else "",
        )
        evidence = tuple(clean(failure.evidence, redact))
        return Status.FAILED, {"evidence": evidence, "error": problem}
    except GureumError as error:
        problem = Problem(redact(error.summary), redact(error.detail), hint=redact(error.hint))
        return Status.FAILED, {"error": problem}
    status = Status.CHANGED if answer["changed"] else Status.UNCHANGED
    evidence = (*clean(answer["evidence"], redact), {"reading": clean(answer["after"], redact)})
    drift = clean(answer["drift"], redact)
    return status, {"drift": drift, "evidence": evidence, "seconds": answer["seconds"]}
