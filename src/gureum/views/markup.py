"""HTML and SVG as values: text that is escaped by being put in, never by being remembered.

A child that is a plain `str` is text, whatever stands in it; only what `tag` made is markup. So a
host named `<script>` reads as that, and there is no place where escaping could be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape as _escape


class Markup(str):
    """Text that is HTML already; made by `tag` and `text` alone."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]
"""What may stand in an element: markup, text, numbers, nothing, or any of these in a row."""

Value = str | int | float | bool | None
"""An attribute: True is the bare name, None and False leave it out."""

_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""What HTML cannot hold, and the marks that would turn the reading direction of what follows."""

_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})


def text(value: object) -> Markup:
    """Return a value as text for an element or a quoted attribute."""
    return Markup(_escape(_NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", str(value)), quote=True))


def join(children: Child) -> Markup:
    """Return children one after another: markup as it is, all else as text."""
    return Markup("".join(_parts(children)))


def tag(name: str, /, *children: Child, **attributes: Value) -> Markup:
    """Return an element; `class_` spells `class`, and `aria_label` spells `aria-label`."""
    said = "".join(_attributes(attributes))
    if name in _VOID:
        return Markup(f"<{name}{said}>")
    return Markup(f"<{name}{said}>{join(children)}</{name}>")


def _parts(child: Child) -> Iterator[str]:
    if child is None:
        return
    if isinstance(child, Markup):
        yield child
    elif isinstance(child, (str, int)):
        yield text(child)
    elif isinstance(child, float):
        yield number(child)
    else:
        for one in child:
            yield from _parts(one)


def _attributes(attributes: dict[str, Value]) -> Iterator[str]:
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        spelt = name.rstrip("_").replace("_", "-")
        if value is True:
            yield f" {spelt}"
        else:
            said = number(value) if isinstance(value, float) else text(value)
            yield f' {spelt}="{said}"'


def number(value: float) -> str:
    """Return a number with at most two decimals and no more zeros than it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
