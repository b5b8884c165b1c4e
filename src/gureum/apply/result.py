"""How an apply ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from gureum.apply.events import Status, StepFinished
from gureum.errors import StepError


@dataclass(frozen=True)
class Result:
    """Every step's end by key, and the time of the whole run in seconds."""

    run: str
    steps: Mapping[str, StepFinished]
    seconds: float
    stopped: bool = False

    @property
    def ok(self) -> bool:
        """Whether every step of the run is done."""
        return not self.stopped and all(step.status.good for step in self.steps.values())

    @property
    def failures(self) -> tuple[StepFinished, ...]:
        """The steps that failed themselves: root causes, no dependents."""
        return tuple(step for step in self.steps.values() if step.status is Status.FAILED)

    def counts(self) -> dict[Status, int]:
        """Return how many steps ended in each status."""
        found = Counter(step.status for step in self.steps.values())
        return {status: found[status] for status in Status if found[status]}

    def raise_for_failures(self) -> None:
        """Raise StepError named after the first root cause, or KeyboardInterrupt if stopped by it.

        Steps that failed while the run was being stopped are told already and are no root cause.
        """
        if self.stopped:
            raise KeyboardInterrupt
        if self.failures:
            first = self.failures[0]
            error = first.error
            more = f" and {len(self.failures) - 1} more" if len(self.failures) > 1 else ""
            skipped = self.counts().get(Status.SKIPPED, 0)
            raise StepError(
                f"{first.key}{more} failed" + (f", {skipped} steps skipped" if skipped else ""),
                detail=error.summary if error else "",
                hint=(error.hint if error else "") or "put it right, then run the same again",
            )
