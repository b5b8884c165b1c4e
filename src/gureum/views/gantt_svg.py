"""Draws a run in time: a lane for each service, a bar for each step that took time.

The chain of steps that decided the whole time is darker and joined by a line; bars and the words
beside them share a row wherever both fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gureum.report.timeline import SHORTEST, Bar, Lane, Mark, Timeline
from gureum.views.drawing import Box, Diamond, Drawing, Line, Text, fit, width_of
from gureum.views.wording import seconds

ROW, BAR = 20.0, 13.0
HEAD = 22.0
_SIZE = 11.5
INSIDE = "inside"
"""Where the words of a bar stand that leaves no room beside it."""
_GUTTER = 118.0
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)


@dataclass(frozen=True)
class _Placed:
    """A bar or mark with its words: x of its begin and end, of its words, and its row."""

    item: Bar | Mark
    left: float
    right: float
    text: str
    text_x: float
    anchor: str
    row: int


class _Scale:
    """Turns seconds into places."""

    def __init__(self, timeline: Timeline, width: float) -> None:
        self.phone = width < 500
        self.left = 4.0 if self.phone else _GUTTER
        self.right = width - 6.0
        self.whole = max(timeline.seconds, 0.001)

    def at(self, moment: float) -> float:
        """Return the x of a moment."""
        share = min(1.0, max(0.0, moment / self.whole))
        return self.left + share * (self.right - self.left)


def gantt_drawing(timeline: Timeline, width: float) -> Drawing:
    """Return the drawing of a run; `width` below 500 puts the services' names above their lanes."""
    drawing = Drawing(width)
    scale = _Scale(timeline, width)
    top = 24.0
    y = top
    places: dict[str, tuple[float, float, float]] = {}
    if timeline.before >= 0.5:
        y = _before(drawing, scale, timeline, y)
    worth = [lane for lane in timeline.lanes if lane.bars or lane.others_seconds >= SHORTEST]
    for number, lane in enumerate(worth):
        y = _lane(drawing, scale, lane, y, places, shaded=number % 2 == 0)
    if timeline.marks:
        y = _marks(drawing, scale, timeline.marks, y)
    ground: list[Line | Text] = []
    for moment in _ticks(timeline.seconds, 5 if scale.phone else 10):
        x = scale.at(moment)
        ground.append(Line(points=((x, top - 4), (x, y)), kind="tick"))
        ground.append(_tick_words(moment, x, width))
    lanes = sum(isinstance(s, Box) and s.kind == "lane" for s in drawing.shapes)
    drawing.shapes.sort(key=lambda s: not (isinstance(s, Box) and s.kind == "lane"))
    drawing.shapes[lanes:lanes] = [*ground, *_chain(timeline, places)]
    drawing.height = math.ceil(_legend(drawing, timeline, y + 6))
    return drawing


def _before(drawing: Drawing, scale: _Scale, timeline: Timeline, y: float) -> float:
    y = _title(drawing, scale, "hosts", "", y)
    left, right = scale.at(0), scale.at(timeline.before)
    drawing.add(Box(x=left, y=y + 4, width=right - left, height=BAR, kind="bar before", radius=2))
    words = f"made, connected and read {seconds(timeline.before)}"
    placed = _place([(Mark(name=words, at=timeline.before), left, right, words)], scale)[0]
    drawing.add(_words(placed, y))
    return y + ROW + 4


def _lane(
    drawing: Drawing,
    scale: _Scale,
    lane: Lane,
    y: float,
    places: dict[str, tuple[float, float, float]],
    *,
    shaded: bool,
) -> float:
    rest = ""
    if lane.others_seconds >= 0.05:
        rest = f"{'+ ' * bool(lane.bars)}{lane.others} short, {seconds(lane.others_seconds)}"
    begin = y
    y = _title(drawing, scale, lane.service, rest, y)
    items = [
        (bar, scale.at(bar.began), max(scale.at(bar.ended), scale.at(bar.began) + 2), _said(bar))
        for bar in sorted(lane.bars, key=lambda bar: (bar.began, -bar.seconds))
    ]
    placed = _place(items, scale)
    rows = 1 + max((one.row for one in placed), default=0)
    if not scale.phone and rest:
        rows = max(rows, 2)
    height = rows * ROW + 4 if placed or not scale.phone else 0
    for one in placed:
        bar = one.item
        assert isinstance(bar, Bar)
        kind = "bar" + " critical" * bar.critical + " failed" * bar.failed
        row = y + 2 + one.row * ROW
        title = f"{bar.key}: {seconds(bar.seconds)}, from {seconds(bar.began)} on"
        drawing.add(
            Box(x=one.left, y=row + 4, width=one.right - one.left, height=BAR, kind=kind, radius=2,
                title=title)
        )  # fmt: skip
        drawing.add(_words(one, row))
        places[bar.key] = (one.left, one.right, row + 4 + BAR / 2)
    if shaded:
        bottom = y + height
        drawing.add(
            Box(x=0, y=begin, width=drawing.width, height=bottom - begin, kind="lane", radius=0)
        )
    return y + height


def _title(drawing: Drawing, scale: _Scale, name: str, rest: str, y: float) -> float:
    """Write a lane's name: beside it, or above it on a phone; return the y of its first row."""
    if scale.phone:
        text = Text(x=4, y=y + 15, text=name, size=12.5, bold=True)
        room = drawing.width - text.extent.right - 12
        drawing.add(text)
        drawing.add(
            Text(x=text.extent.right + 8, y=y + 15, text=fit(rest, room, 11), size=11, kind="soft")
        )
        return y + HEAD
    room = _GUTTER - 16
    drawing.add(
        Text(x=6, y=y + 16, text=fit(name, room, 12.5, bold=True), size=12.5, bold=True, title=name)
    )
    if rest:
        drawing.add(
            Text(x=6, y=y + 32, text=fit(rest, room, 10.5), size=10.5, kind="soft", title=rest)
        )
    return y


def _marks(drawing: Drawing, scale: _Scale, marks: Sequence[Mark], y: float) -> float:
    y = _title(drawing, scale, "first VM", "", y + 2)
    items = [
        (mark, scale.at(mark.at) - 5, scale.at(mark.at) + 5, f"{mark.name} {seconds(mark.at)}")
        for mark in marks
    ]
    placed = _place(items, scale)
    for one in placed:
        row = y + 2 + one.row * ROW
        x = (one.left + one.right) / 2
        drawing.add(Diamond(x=x, y=row + 10, radius=5.5, kind="mark"))
        drawing.add(_words(one, row))
    return y + (1 + max(one.row for one in placed)) * ROW + 4


def _place(items: Sequence[tuple[Bar | Mark, float, float, str]], scale: _Scale) -> list[_Placed]:
    """Give every item a row in which neither it nor its words touch what is there already."""
    rows: list[list[tuple[float, float]]] = []
    found = []
    for item, left, right, words in items:
        width, cut = width_of(words, _SIZE), words
        if right + 6 + width <= scale.right:
            text_x, anchor, span = right + 6, "start", (left, right + 6 + width)
        elif left - 6 - width >= scale.left:
            text_x, anchor, span = left - 6, "end", (left - 6 - width, right)
        elif width + 8 <= right - left:
            text_x, anchor, span = left + 4, INSIDE, (left, right)
        else:
            room = max(scale.right - right - 6, left - 6 - scale.left)
            cut = fit(words, room, _SIZE)
            after = scale.right - right >= left - scale.left
            text_x, anchor = (right + 6, "start") if after else (left - 6, "end")
            span = (left, scale.right) if after else (scale.left, right)
        row = next((i for i, taken in enumerate(rows) if _free(taken, span)), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(span)
        found.append(_Placed(item, left, right, cut, text_x, anchor, row))
    return found


def _free(taken: Sequence[tuple[float, float]], span: tuple[float, float]) -> bool:
    return all(span[1] + 10 <= left or right + 10 <= span[0] for left, right in taken)


def _words(placed: _Placed, row: float) -> Text:
    item, kind = placed.item, "beside"
    if isinstance(item, Bar) and item.failed:
        kind = "bad"
    if placed.anchor == INSIDE:
        dark = isinstance(item, Bar) and (item.critical or item.failed)
        kind = "inside" if dark else ""
    anchor = "start" if placed.anchor == INSIDE else placed.anchor
    return Text(x=placed.text_x, y=row + 14, text=placed.text, size=_SIZE, anchor=anchor, kind=kind)


def _said(bar: Bar) -> str:
    return f"{bar.label} {seconds(bar.seconds)}{', failed' if bar.failed else ''}"


def _chain(timeline: Timeline, places: dict[str, tuple[float, float, float]]) -> Iterator[Line]:
    """Yield the line that joins the bars of the chain, from each one's end to the next one's begin."""
    drawn = [places[bar.key] for bar in timeline.critical if bar.key in places]
    for (_, right, y), (left, _, next_y) in pairwise(drawn):
        x = min(right, left + 2) if left < right else (right + left) / 2
        points = ((right, y), (x, y), (x, next_y), (left, next_y))
        yield Line(points=points, kind="chain")


def _ticks(whole: float, most: int) -> Iterator[float]:
    step = next((step for step in _STEPS if whole / step <= most), 7200)
    for number in range(int(whole / step) + 1):
        yield number * step


def _tick_words(moment: float, x: float, width: float) -> Text:
    words = f"{moment:g} s" if moment < 120 else f"{moment / 60:g} min"
    anchor = "start" if x < 20 else "end" if x > width - 24 else "middle"
    return Text(x=x, y=14, text=words, size=11, kind="soft", anchor=anchor)


def _legend(drawing: Drawing, timeline: Timeline, y: float) -> float:
    entries = [("bar critical", "the chain that decided the time"), ("bar", "other steps")]
    if timeline.failed:
        entries.append(("bar failed", "failed"))
    if timeline.marks:
        entries.append(("mark", "the first VM"))
    x = 4.0
    for kind, words in entries:
        text = Text(x=x + 32, y=y + 15, text=words, size=11.5, kind="soft")
        if x > 4 and text.extent.right > drawing.width:
            x, y = 4.0, y + 20
            text = Text(x=x + 32, y=y + 15, text=words, size=11.5, kind="soft")
        if kind == "mark":
            drawing.add(Diamond(x=x + 18, y=y + 11, radius=5.5, kind=kind))
        else:
            drawing.add(Box(x=x, y=y + 5, width=26, height=BAR, kind=kind, radius=2))
        drawing.add(text)
        x = text.extent.right + 22
    return y + 24
