"""Drawings as shapes with places: laid out in Python, checked by tests, written as SVG.

A browser lays text out only when it is shown, so its width is reckoned here from the widest of the
usual system fonts: what fits by this reckoning fits everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gureum.views.markup import Markup, number, tag

SIZE = 13.0
"""The size of ordinary text in a drawing, in pixels."""

_NARROW, _SLIM, _WIDE = "ijl.,:;'|!", 'frtI()[]/-" ', "mwMW@%"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle; `kind` is its class in the style sheet, `title` what a pointer over it shows."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    radius: float = 6.0
    title: str = ""

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.y + self.height


@dataclass(frozen=True, kw_only=True)
class Text:
    """A line of text; `y` is its base line, `anchor` says which end of it `x` is."""

    x: float
    y: float
    text: str
    kind: str = ""
    size: float = SIZE
    anchor: str = "start"
    bold: bool = False
    mono: bool = False
    title: str = ""

    @property
    def extent(self) -> Box:
        """The room that the text takes at most."""
        width = width_of(self.text, self.size, bold=self.bold, mono=self.mono)
        left = {"start": self.x, "middle": self.x - width / 2, "end": self.x - width}[self.anchor]
        top = self.y - self.size * 0.8
        return Box(x=left, y=top, width=width, height=self.size, kind="text")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    kind: str


@dataclass(frozen=True, kw_only=True)
class Diamond:
    """A moment in time: its centre and half its width."""

    x: float
    y: float
    radius: float
    kind: str


Shape = Box | Text | Line | Diamond


@dataclass
class Drawing:
    """Shapes in the order in which they are painted, on a ground of this size."""

    width: float
    height: float = 0.0
    shapes: list[Shape] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        """Paint shapes over what is there."""
        self.shapes.extend(shapes)

    def of(self, kind: type) -> list[Shape]:
        """Return the shapes of one class."""
        return [shape for shape in self.shapes if isinstance(shape, kind)]


def width_of(text: str, size: float = SIZE, *, bold: bool = False, mono: bool = False) -> float:
    """Return how wide a text is at most, in the units of `size`."""
    if mono:
        return sum(0.61 if ord(c) < 0x2E80 else 1.05 for c in text) * size
    em = sum(map(_em, text))
    return em * size * (1.09 if bold else 1.0)


def fit(
    text: str, width: float, size: float = SIZE, *, bold: bool = False, mono: bool = False
) -> str:
    """Return the text, cut with an ellipsis where it is wider than `width`."""
    if width_of(text, size, bold=bold, mono=mono) <= width:
        return text
    while text and width_of(text + "…", size, bold=bold, mono=mono) > width:
        text = text[:-1]
    return text.rstrip(" ,.-") + "…"


def wrap(
    words: Iterable[str],
    width: float,
    size: float = SIZE,
    *,
    between: str = " ",
    mono: bool = False,
) -> list[str]:
    """Return words set in lines of at most `width`; a word that is wider alone is cut."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]}{between}{word}" if lines else ""
        if longer and width_of(longer, size, mono=mono) <= width:
            lines[-1] = longer
        else:
            lines.append(fit(word, width, size, mono=mono))
    return lines


def svg(drawing: Drawing, label: str, *, kind: str = "") -> Markup:
    """Return a drawing as an SVG element that fills its column and is named for who cannot see it."""
    height = number(drawing.height)
    return tag(
        "svg",
        tag("title", label),
        map(_shape, drawing.shapes),
        viewBox=f"0 0 {number(drawing.width)} {height}",
        width=drawing.width,
        height=drawing.height,
        role="img",
        aria_label=label,
        class_=f"drawing {kind}".rstrip(),
    )


def _shape(shape: Shape) -> Markup:
    if isinstance(shape, Text):
        return tag(
            "text",
            tag("title", shape.title) if shape.title else None,
            shape.text,
            x=shape.x,
            y=shape.y,
            class_=" ".join(filter(None, [shape.kind, "bold" * shape.bold, "mono" * shape.mono]))
            or None,
            font_size=shape.size,
            text_anchor=None if shape.anchor == "start" else shape.anchor,
        )
    if isinstance(shape, Box):
        return tag(
            "rect",
            tag("title", shape.title) if shape.title else None,
            x=shape.x,
            y=shape.y,
            width=shape.width,
            height=shape.height,
            rx=shape.radius,
            class_=shape.kind,
        )
    if isinstance(shape, Diamond):
        x, y, r = shape.x, shape.y, shape.radius
        corners = ((x, y - r), (x + r, y), (x, y + r), (x - r, y))
        return tag("polygon", points=_points(corners), class_=shape.kind)
    return tag("polyline", points=_points(shape.points), class_=shape.kind)


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _em(character: str) -> float:
    if character in _NARROW:
        return 0.34
    if character in _SLIM:
        return 0.42
    if character in _WIDE:
        return 1.0
    if character.isupper():
        return 0.75
    return 0.64 if ord(character) < 0x2E80 else 1.05
