"""JSON lines, for programs: one object a line with `type`; all of it is data, so all to stdout."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from gureum.apply.events import Event
from gureum.diagnostics import Diagnostic
from gureum.errors import DiagnosticsError, GureumError
from gureum.plan.impact import Impact, impact
from gureum.plan.plan import Plan
from gureum.views.data import plain


class JsonLines:
    """Writes every event, plan and error as one JSON object."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def event(self, event: Event) -> None:
        """Write the event's fields under its name, e.g. `step_finished`."""
        self._write(_snake(type(event).__name__), plain(event))

    def plan(self, plan: Plan, whole: bool = False) -> None:  # noqa: ARG002
        """Write the plan, always whole."""
        counts = {action.name.lower(): count for action, count in plan.counts().items()}
        self._write("plan", {"counts": counts, "impact": _impact(impact(plan)), **plan.to_json()})

    def diagnostics(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write every diagnostic."""
        for problem in diagnostics:
            self._write("diagnostic", plain(problem))

    def error(self, error: GureumError) -> None:
        """Write the error with its class, its exit code and its diagnostics."""
        fields = {
            "error": type(error).__name__,
            "summary": error.summary,
            "detail": error.detail,
            "hint": error.hint,
            "exit_code": error.exit_code,
        }
        if isinstance(error, DiagnosticsError):
            fields["diagnostics"] = plain(error.diagnostics)
        self._write("error", fields)

    def close(self) -> None:
        """Do nothing: there is nothing to put back."""

    def _write(self, kind: str, fields: Mapping[str, Any]) -> None:
        line = {"type": kind, **fields}
        self._out.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._out.flush()


def _impact(found: Impact) -> dict[str, Any]:
    return {
        "files": found.files,
        "packages": found.packages,
        "starts": [step.key for step in found.starts],
        "restarts": [step.key for step in found.restarts],
        "api_seconds": found.api_seconds,
        "api_errors": found.errors,
        "vms_untouched": found.untouched,
        "vms_silent_seconds": dict(found.silent),
    }


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
