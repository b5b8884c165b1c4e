"""`gureum up`, from nothing to a cloud that is proven to work, read from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gureum.operate.background import Background
from gureum.operate.deployment import Deployment
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
    Background(_import_client)
    with connected(deployment, emit, make=True) as ready:
        timeline.mark("hosts")
        verification = Verification(ready, guest, emit, origin=timeline.began)

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


def run_verify(deployment: Deployment, emit: Emit) -> Report:
    """Check a cloud that stands, down to a VM that boots and answers; changes nothing for good."""
    deployment.check_options()
    guest = Background(lambda: Verification.guest_image(emit, deployment.cloud))
    Background(_import_client)
    with connected(deployment, emit) as ready:
        return Verification(ready, guest, emit).run()


def _import_client() -> None:
    # Half a second of imports that would otherwise stand in the way of the first VM.
    import openstack  # noqa: F401
