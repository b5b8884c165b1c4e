"""One thing that the VM has to prove, and what it needs to have been proven before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from gureum.checks.apart import start
from gureum.checks.check import CheckResult, Evidence, Status, Verdict
from gureum.checks.runner import judged

Subject = TypeVar("Subject")


@dataclass(frozen=True, kw_only=True)
class Stage(Generic[Subject]):
    """A check that acts: like a `Check`, with the ids it `needs` to have passed first."""

    id: str
    title: str
    proves: str
    run: Callable[[Subject], Verdict]
    needs: tuple[str, ...] = ()
    requirement: str = "R-VERIFY-2"


def run_stages(
    stages: Sequence[Stage[Subject]],
    subject: Subject,
    on_result: Callable[[CheckResult], None],
    autopsy: Callable[[], tuple[Evidence, ...]],
) -> tuple[CheckResult, ...]:
    """Run stages, at the same time where their needs allow; a failure skips only its dependents.

    `stages` stand in an order in which each comes after what it needs. The first failure gets the
    evidence of `autopsy`.
    """
    jobs: dict[str, Future[CheckResult]] = {}
    examined: list[str] = []

    def work(stage: Stage[Subject]) -> CheckResult:
        before = {need: jobs[need].result() for need in stage.needs}
        result = _skipped(stage, before) or judged(
            stage.id, stage.title, lambda: stage.run(subject), hint="gureum verify"
        )
        if result.status is Status.FAIL and not examined:
            examined.append(stage.id)
            result = replace(result, evidence=(*result.evidence, *autopsy()))
        return result

    for stage in stages:
        jobs[stage.id] = start(stage.id, partial(work, stage))
    for job in as_completed(jobs.values()):
        on_result(job.result())
    return tuple(job.result() for job in jobs.values())


def _skipped(stage: Stage[Subject], before: Mapping[str, CheckResult]) -> CheckResult | None:
    unmet = [id for id, result in before.items() if result.status in (Status.FAIL, Status.SKIP)]
    if not unmet:
        return None
    return CheckResult(
        id=stage.id, title=stage.title, status=Status.SKIP, summary=f"needs {', '.join(unmet)}"
    )
