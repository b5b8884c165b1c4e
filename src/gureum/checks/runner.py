"""Runs checks side by side; one that stumbles fails alone and says how."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from functools import partial

from gureum.checks.apart import start
from gureum.checks.check import Check, CheckResult, Status, Verdict
from gureum.checks.context import CheckContext
from gureum.errors import GureumError

AT_ONCE = 8
"""Checks that run at the same time; more only queue up before the same API."""


def run_checks(
    checks: Sequence[Check],
    context: CheckContext,
    on_result: Callable[[CheckResult], None] = lambda _: None,
) -> tuple[CheckResult, ...]:
    """Run `checks`, tell `on_result` of each as it ends, and return the results in their order."""
    gate = threading.Semaphore(AT_ONCE)

    def one(check: Check) -> CheckResult:
        with gate:
            return run_check(check, context)

    jobs = [start(check.id, partial(one, check)) for check in checks]
    for job in as_completed(jobs):
        on_result(job.result())
    return tuple(job.result() for job in jobs)


def run_check(check: Check, context: CheckContext) -> CheckResult:
    """Run one check; whatever it raises becomes a failed result with a hint."""
    return judged(check.id, check.title, lambda: check.run(context), hint="gureum status")


def judged(id: str, title: str, look: Callable[[], Verdict], *, hint: str) -> CheckResult:
    """Return the result of `look`; what it raises is a failure, with `hint` where it has none."""
    began = time.monotonic()
    try:
        answer = look()
    except GureumError as error:
        answer = Verdict(
            status=Status.FAIL,
            summary=f"{error.summary}{f': {error.detail}' if error.detail else ''}",
            hint=error.hint,
        )
    except Exception as error:
        answer = Verdict(
            status=Status.FAIL,
            summary=f"{type(error).__name__}: {first_line(error)}",
            hint=hint,
        )
    return CheckResult(
        id=id,
        title=title,
        status=answer.status,
        summary=answer.summary,
        evidence=answer.evidence,
        value=answer.value,
        unit=answer.unit,
        hint=answer.hint,
        seconds=round(time.monotonic() - began, 3),
    )


def first_line(error: BaseException) -> str:
    """Return the first line of what an exception says, for keystoneauth's run over pages."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:400] if lines else "no message"
