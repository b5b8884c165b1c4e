"""What happens during an apply, as values; views turn them into something to look at."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gureum.diagnostics import Diagnostic


class Status(enum.Enum):
    """How a step ended."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    FAILED = "failed"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    """It ran, or was yet to run, when the apply was stopped."""

    @property
    def good(self) -> bool:
        """Whether what needs the step may run."""
        return self in (Status.UNCHANGED, Status.CHANGED)


@dataclass(frozen=True)
class Problem:
    """Why a step failed: a summary, the log lines that matter, and a way out."""

    summary: str
    detail: str = ""
    log_lines: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True)
class RunStarted(Event):
    """An apply began: its id, its steps, and how long its longest path took before (0 if never)."""

    run: str
    steps: int
    hosts: tuple[str, ...]
    expected_seconds: float = 0.0


@dataclass(frozen=True)
class StepStarted(Event):
    """A step is being worked on; `expected_seconds` is how long it took before, 0 if never."""

    key: str
    title: str
    expected_seconds: float
    service: str = ""
    kind: str = ""


@dataclass(frozen=True)
class StepFinished(Event):
    """A step ended. `needs` is the key of the failed step that made this one be skipped."""

    key: str
    title: str
    status: Status
    seconds: float = 0.0
    drift: Mapping[str, Any] = field(default_factory=dict)
    evidence: Sequence[Mapping[str, Any]] = ()
    error: Problem | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Message(Event):
    """A phase of a longer command, or a line about it; an empty text only opens the phase."""

    phase: str
    text: str = ""


@dataclass(frozen=True)
class Warned(Event):
    """The input is worth a second look; it is done all the same."""

    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class RunFinished(Event):
    """An apply ended: how many steps per status, and after how long."""

    run: str
    counts: Mapping[Status, int]
    seconds: float
    stopped: bool = False
