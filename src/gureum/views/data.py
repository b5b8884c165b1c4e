"""Shows what a command was asked for: lines on stdout, coloured on a terminal, or one JSON object."""

from __future__ import annotations

import dataclasses
import enum
import json as json_format
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

Line = tuple[str, str]
"""A line and its style; the style is for terminals, and says nothing that the words do not."""


def show(kind: str, value: Any, lines: Iterable[Line], *, json: bool) -> None:
    """Write `value` as a JSON object of this kind, or `lines` for a person."""
    if json:
        found = plain(value)
        fields = found if isinstance(found, Mapping) else {"value": found}
        print(json_format.dumps({"type": kind, **fields}, ensure_ascii=False, default=str))
    elif sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        _coloured(lines)
    else:
        for text, _ in lines:
            print(text)


def plain(value: Any) -> Any:
    """Return dataclasses, enums and collections as plain data."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _coloured(lines: Iterable[Line]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for text, style in lines:
        console.print(Text(text, style))
