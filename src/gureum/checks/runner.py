"""Runs checks side by side; one that stumbles fails alone and says how."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

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
    results = {result.id: result for result in _as_they_end(checks, context, on_result)}
    return tuple(results[check.id] for check in checks)


def run_check(check: Check, context: CheckContext) -> CheckResult:
    """Run one check; whatever it raises becomes a failed result with a hint."""
    began = time.monotonic()
    try:
        answer = check.run(context)
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
            hint="gureum status",
        )
    return CheckResult(
        id=check.id,
        title=check.title,
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


def _as_they_end(
    checks: Sequence[Check], context: CheckContext, on_result: Callable[[CheckResult], None]
) -> Iterator[CheckResult]:
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="check")
    try:
        jobs = [pool.submit(run_check, check, context) for check in checks]
        for job in as_completed(jobs):
            result = job.result()
            on_result(result)
            yield result
    finally:
        # After Ctrl-C nobody waits for checks that have not begun.
        pool.shutdown(wait=False, cancel_futures=True)
