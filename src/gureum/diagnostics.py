"""A problem as a value: where it is, what is wrong, and the way out."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Severity(enum.Enum):
    """How bad a diagnostic is: an error stops the run, a warning is only said."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Source:
    """A place in an input: a file and, where known, its line (counted from 1)."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Diagnostic:
    """One problem found in what a user or a service declared."""

    summary: str
    severity: Severity = Severity.ERROR
    detail: str = ""
    source: Source | None = None
    hint: str = ""


def nearest(name: str, known: Iterable[str], *, limit: int = 3) -> list[str]:
    """Return the names of `known` that look most like `name`, best first."""
    return difflib.get_close_matches(name, sorted(set(known)), n=limit, cutoff=0.6)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest valid names, or an empty string where none is near."""
    near = nearest(name, known)
    return f"did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
