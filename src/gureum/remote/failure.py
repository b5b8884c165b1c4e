"""What a state's module raises when a host cannot be brought into the state."""

from __future__ import annotations

from typing import Any

Evidence = dict[str, Any]
"""One command that ran: `command` (argument list), `exit`, `output` (its end), `seconds`."""


class Failure(Exception):
    """A change did not succeed; carries what ran and the log lines that tell why.

    The message is one line. `log_lines` are the lines a person would look for, not a whole log.
    `hint` is a command to type on the host; who knows how the host is reached puts that before it.
    """

    def __init__(
        self,
        message: str,
        evidence: list[Evidence] | None = None,
        log_lines: list[str] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.evidence = evidence or []
        self.log_lines = log_lines or []
        self.hint = hint
