"""What a command or probe answered, set so that a person can read it."""

from __future__ import annotations

import ast
import contextlib
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")
_WIDTH = 100


def readable(output: str) -> str:
    """Return text as it is, without terminal colours; Python's data as indented names and values."""
    text = _ANSI.sub("", output).strip("\n")
    if not text.startswith(("{", "[")):
        return text
    for whole, rest in ((text, ""), _mended(text)):
        with contextlib.suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            return "\n".join([*_lines(ast.literal_eval(whole), ""), *filter(None, [rest])])
    return text


def _mended(text: str) -> tuple[str, str]:
    """Return data that was cut to be kept without its torn end, and what tells how much is missing."""
    text, cut, size = text.rpartition("…")
    closing = {"{": "}", "[": "]", "(": ")"}
    open_ones: list[str] = []
    best, quote, escaped = "", "", False
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote and not escaped else quote
            escaped = character == "\\" and not escaped
        elif character in "'\"":
            quote = character
        elif character in closing:
            open_ones.append(closing[character])
        elif open_ones and character == open_ones[-1]:
            open_ones.pop()
        elif character == "," and len(open_ones) <= 2:
            best = text[:position] + "".join(reversed(open_ones))
    return best, f"{cut} {size.strip()}"


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, one in value.items():
            yield from _named(f"{indent}{name}:", one, indent)
    elif isinstance(value, (list, tuple)) and value:
        for one in value:
            yield from _named(f"{indent}-", one, indent)
    else:
        yield f"{indent}{_short(value)}"


def _named(name: str, value: Any, indent: str) -> Iterator[str]:
    short = _short(value)
    if short is not None and (len(name) + len(short) < _WIDTH or name.endswith("-")):
        yield f"{name} {short}".rstrip()
    elif short is not None and isinstance(value, (Mapping, list, tuple)):
        yield name
        yield from textwrap.wrap(
            short, _WIDTH, initial_indent=f"{indent}  ", subsequent_indent=f"{indent}  "
        )
    elif isinstance(value, (Mapping, list, tuple)):
        yield name
        yield from _lines(value, indent + "  ")
    else:
        yield f"{name} {_word(value)}"


def _short(value: Any) -> str | None:
    """Return a value on one line, None where it holds more than names and plain values."""
    if isinstance(value, Mapping):
        parts = [_short_leaf(one) for one in value.values()]
        if any(part is None for part in parts):
            return None
        return ", ".join(f"{k} {p}" for k, p in zip(value, parts, strict=True)) or "nothing"
    if isinstance(value, (list, tuple)):
        return _short_list(value)
    return _word(value)


def _short_leaf(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return None
    return _short_list(value) if isinstance(value, (list, tuple)) else _word(value)


def _short_list(value: Sequence[Any]) -> str | None:
    if any(isinstance(one, (Mapping, list, tuple)) for one in value):
        return None
    return ", ".join(map(_word, value)) or "nothing"


def _word(value: Any) -> str:
    words = {True: "yes", False: "no", None: "none", "": "''"}
    return words[value] if isinstance(value, (bool, type(None))) or value == "" else str(value)
