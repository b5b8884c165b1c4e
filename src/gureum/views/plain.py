"""Plain lines, for a pipe or a log: one line a thing that happened, no colour, no cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from gureum.apply.events import (
    Event,
    Message,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    Warned,
)
from gureum.diagnostics import Diagnostic
from gureum.drift.events import EditsFound
from gureum.errors import GureumError
from gureum.plan.plan import Plan
from gureum.views import edits_text, plan_text, wording


class Plain:
    """Writes data to `out` and everything else to `err`."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._skipped: list[StepFinished] = []

    def event(self, event: Event) -> None:
        """Write a line for a phase, a step that changed or failed, and a run's end."""
        if isinstance(event, Message):
            self._tell([f"{event.phase}: {event.text}" if event.text else f"== {event.phase}"])
        elif isinstance(event, RunStarted):
            self._skipped.clear()
            usual = f", usually {wording.seconds(event.expected_seconds)}"
            self._tell([f"{event.steps} steps" + (usual if event.expected_seconds > 0.5 else "")])
        elif isinstance(event, EditsFound):
            self._tell(edits_text.lines(event))
        elif isinstance(event, StepFinished):
            self._step(event)
        elif isinstance(event, Warned):
            self.diagnostics(event.diagnostics)
        elif isinstance(event, RunFinished):
            self._tell(wording.skipped(self._skipped))
            self._tell([wording.finished(event)])

    def plan(self, plan: Plan, whole: bool = False) -> None:
        """Write the plan to stdout."""
        self._out.write("\n".join(plan_text.lines(plan, whole)) + "\n")
        self._out.flush()

    def diagnostics(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write every diagnostic."""
        for problem in diagnostics:
            self._tell(wording.diagnostic(problem))

    def error(self, error: GureumError) -> None:
        """Write an error, its detail and its hint."""
        self._tell(wording.error(error))

    def close(self) -> None:
        """Do nothing: there is nothing to put back."""

    def _step(self, event: StepFinished) -> None:
        if event.status is Status.FAILED:
            self._tell(wording.failure(event))
        elif event.status is Status.SKIPPED:
            self._skipped.append(event)
        elif event.status is not Status.UNCHANGED:
            name = wording.named(event.key, event.title)
            self._tell([f"{event.status.value}: {name} {wording.seconds(event.seconds)}"])

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._err.write(line + "\n")
        self._err.flush()
