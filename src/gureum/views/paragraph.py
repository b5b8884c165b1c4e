"""Text in paragraphs of at most 80 columns, with a label beside it where it has one."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gureum.views.data import Line

WIDTH = 80
LABEL = 13
"""Columns of a label; a longer one pushes its text to the right."""


def wrapped(
    text: str, indent: str, *, hanging: str = "", width: int = WIDTH, style: str = ""
) -> Iterator[Line]:
    """Yield a text in lines; a word that is longer than a line stays whole, to be copied."""
    found = textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=hanging or indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in found or [indent.rstrip()]:
        yield line, style


def labelled(label: str, text: str, style: str = "") -> Iterator[Line]:
    """Yield `label  text`, with the text's further lines below its first."""
    start = f"  {label:<{LABEL}} "
    yield from wrapped(text, start, hanging=" " * (LABEL + 3), style=style)
