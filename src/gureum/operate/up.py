"""`gureum up`, from nothing to a cloud that is proven to work, read from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gureum.checks.client import client
from gureum.model.cloud import Role
from gureum.operate.background import Background
from gureum.operate.computes.chosen import check_compute
from gureum.operate.deployment import Deployment
from gureum.operate.kept_input import built_from
from gureum.operate.run import apply, connected
from gureum.operate.verify import Report, Verification

if TYPE_CHECKING:
    from gureum.apply.result import Result

Emit = Callable[[Any], None]


@dataclass
class Timeline:
    """Seconds since the command began at which each phase was over."""

    began: float = field(default_factory=time.monotonic)
    marks: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str, at: float | None = None) -> None:
        """Note that `name` was over `at` that moment of the monotonic clock, by default now."""
        moment = time.monotonic() if at is None else at
        self.marks[name] = round(moment - self.began, 2)


@dataclass(frozen=True)
class Outcome:
    """What `up` ends with: how the apply went, the checks' report, and when what was done."""

    result: Result
    report: Report
    timeline: Timeline
    hosts: tuple[str, ...] = ()


def run_up(deployment: Deployment, emit: Emit, *, keep_edits: bool = False) -> Outcome:
    """Make the lab's hosts if they are missing, apply the cloud, and prove it with a real VM.

    Raises a GureumError whose hint tells the way on; the same command run again goes on where this
    one stopped.
    """
    timeline = Timeline()
    # Nothing begins, in the background neither, for a cloud whose options do not hold together.
    deployment.check_options()
    guest = Background(lambda: Verification.guest_image(emit, deployment.cloud))
    # Half a second of imports that would otherwise stand in the way of the first VM.
    Background(client)
    host = newcomer(deployment)
    with connected(deployment, emit, make=True) as ready:
        timeline.mark("hosts")
        verification = Verification(ready, guest, emit, origin=timeline.began, host=host)

        def both(event: Any) -> None:
            emit(event)
            verification.watch(event)

        try:
            result = apply(ready, both, keep_edits=keep_edits)
            result.raise_for_failures()
        except BaseException:
            verification.give_up()
            raise
        timeline.mark("apply")
        report = verification.run()
        timeline.marks.update(report.milestones)
        timeline.mark("verify")
    return Outcome(result, report, timeline, tuple(deployment.cloud.hosts))


def newcomer(deployment: Deployment) -> str:
    """Return the compute host that a cloud which stands gets now, "" where none comes.

    The VM that proves the cloud has to run there: what ran before is proven already.
    """
    before = built_from(deployment.folder)
    if before is None or not deployment.folder.facts.exists():
        return ""
    there = {name for name, _ in before.hosts_with(Role.COMPUTE)}
    new = [name for name, _ in deployment.cloud.hosts_with(Role.COMPUTE) if name not in there]
    return new[0] if new else ""


def run_verify(deployment: Deployment, emit: Emit, host: str = "") -> Report:
    """Check a cloud that stands, down to a VM that boots and answers; changes nothing for good.

    The VM runs on `host` where one is named; raises InputError where that is no compute host.
    """
    deployment.check_options()
    if host:
        check_compute(deployment, host, "verified with a VM")
    guest = Background(lambda: Verification.guest_image(emit, deployment.cloud))
    # Half a second of imports that would otherwise stand in the way of the first VM.
    Background(client)
    with connected(deployment, emit) as ready:
        return Verification(ready, guest, emit, host=host).run()
