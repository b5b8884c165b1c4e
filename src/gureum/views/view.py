"""What every view can show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gureum.apply.events import Event
    from gureum.diagnostics import Diagnostic
    from gureum.errors import GureumError
    from gureum.plan.plan import Plan


class View(Protocol):
    """Shows events, plans and errors: data to stdout, progress and errors to stderr."""

    def event(self, event: Event) -> None:
        """Show what happened."""

    def plan(self, plan: Plan, whole: bool = False) -> None:
        """Show what would happen; `whole` leaves nothing out."""

    def diagnostics(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Show every problem of an input."""

    def error(self, error: GureumError) -> None:
        """Show an error and its way out."""

    def close(self) -> None:
        """Leave the terminal as it was."""
