"""The page that all HTML of gureum stands on: one file, nothing fetched, light, dark and paper.

The pieces here have a meaning, not a look: `badge` says how something is, in words beside the
colour; `details` folds what few will read, and unfolds it on paper; `table` turns into a list of
records on a phone. A page takes its sections in order and makes its own table of contents.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from gureum.views.markup import Child, Markup, join, tag

__all__ = [
    "Section", "State", "badge", "code", "definitions", "details", "diff", "note", "page",
    "scroll", "table",
]  # fmt: skip

_PRINTED = (
    "(function(){var o=[];addEventListener('beforeprint',function(){"
    "o=[].slice.call(document.querySelectorAll('details:not([open])'));"
    "o.forEach(function(d){d.open=true})});"
    "addEventListener('afterprint',function(){o.forEach(function(d){d.open=false})})})()"
)
"""Paper cannot be unfolded; the only script of the page, allowed by its hash."""


class State(Enum):
    """How something is; each has a mark of its own shape, for colour alone says nothing."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    NEUTRAL = "neutral"


_MARKS = {State.GOOD: "✓", State.WARNING: "!", State.BAD: "✗", State.NEUTRAL: "–"}


@dataclass(frozen=True)
class Section:
    """A part of the page: its anchor, its heading, one plain sentence on what it shows, its body."""

    id: str
    title: str
    body: Child
    lead: Child = None


def page(
    title: str,
    sections: Sequence[Section],
    *,
    kind: str = "",
    lead: Child = None,
    head: Child = None,
    foot: Child = None,
    style: str = "",
) -> str:
    """Return a whole HTML document.

    `kind` stands small above the title ("Report", "Plan"); `lead` is the sentence below it, and
    `head` whatever belongs before the table of contents. `foot` says who wrote this and when.
    `style` is more CSS for what this page alone has; the colours are variables of page.css.
    """
    style = (Path(__file__).parent / "page.css").read_text() + style
    entries = [tag("li", tag("a", s.title, href=f"#{s.id}")) for s in sections]
    body = [
        tag("a", "Skip to the content", class_="skip", href="#content"),
        tag(
            "header",
            tag("p", kind, class_="kind") if kind else None,
            tag("h1", title),
            tag("p", lead, class_="lead") if lead else None,
            head,
            class_="top",
        ),
        tag("nav", tag("ul", entries), aria_label="Contents") if len(entries) > 1 else None,
        tag("main", map(_section, sections), id="content", tabindex=-1),
        tag("footer", foot) if foot else None,
        tag("script", Markup(_PRINTED)),
    ]
    meta = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy()),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{title} · {kind}" if kind else title),
        tag("style", Markup(style)),
    ]
    whole = tag("html", tag("head", meta), "\n", tag("body", body), lang="en")
    return f"<!DOCTYPE html>\n{whole}\n"


def badge(state: State, word: str) -> Markup:
    """Return a word with the mark and colour of how things are."""
    mark = tag("span", _MARKS[state], class_="mark", aria_hidden="true")
    return tag("span", mark, word, class_=f"badge {state.value}")


def note(state: State, title: str, *body: Child) -> Markup:
    """Return a paragraph that asks for attention, with a word that says how much."""
    return tag("div", tag("p", badge(state, title)), body, class_=f"note {state.value}")


def details(summary: Child, *body: Child, open: bool = False, id: str | None = None) -> Markup:
    """Return a part that is folded on a screen and unfolded on paper."""
    return tag(
        "details", tag("summary", summary), tag("div", body, class_="inside"), open=open, id=id
    )


def code(text: str, label: str = "text") -> Markup:
    """Return a block of lines as they were; a wide one scrolls by itself, and wraps on paper."""
    return tag("pre", tag("code", text), tabindex=0, role="group", aria_label=label)


def diff(lines: Iterable[str], label: str = "changes") -> Markup:
    """Return a unified diff: lines with `+` and `-` keep these signs and get a colour as well."""
    kinds = {"+": "added", "-": "removed", "@": "place"}
    rows = [tag("span", line, "\n", class_=kinds.get(line[:1], "same")) for line in lines]
    return tag("pre", tag("code", rows), class_="diff", tabindex=0, role="group", aria_label=label)


def scroll(body: Child, label: str) -> Markup:
    """Return something wide that scrolls inside the page instead of widening it."""
    return tag("div", body, class_="scroll", tabindex=0, role="group", aria_label=label)


def definitions(rows: Iterable[tuple[Child, Child]]) -> Markup:
    """Return names and their values."""
    pairs = [tag("div", tag("dt", name), tag("dd", value)) for name, value in rows]
    return tag("dl", pairs)


def table(
    head: Sequence[str], rows: Iterable[Sequence[Child]], *, right: str = "", caption: str = ""
) -> Markup:
    """Return a table whose first column names each row; `right` has an `r` for columns of numbers.

    On a phone each row is a small list, in which every value stands beside its column's name.
    """
    sides = ["number" if side == "r" else None for side in right.ljust(len(head))]
    heads = [tag("th", h, scope="col", class_=s) for h, s in zip(head, sides, strict=True)]
    return tag(
        "table",
        tag("caption", caption) if caption else None,
        tag("thead", tag("tr", heads)),
        tag("tbody", (_row(head, row, sides) for row in rows)),
    )


def _row(head: Sequence[str], row: Sequence[Child], sides: Sequence[str | None]) -> Markup:
    first, *others = row
    cells = [
        tag("td", cell, data_label=name, class_=side)
        for name, cell, side in zip(head[1:], others, sides[1:], strict=True)
    ]
    return tag("tr", tag("th", first, scope="row"), cells)


def _section(section: Section) -> Markup:
    lead = tag("p", section.lead, class_="lead") if section.lead else None
    heading = tag("h2", section.title, id=f"{section.id}-title")
    body = join([heading, lead, section.body])
    return tag("section", body, id=section.id, aria_labelledby=f"{section.id}-title")


def _policy() -> str:
    """Return the rule by which a browser fetches nothing and runs no script but the page's own."""
    printed = base64.b64encode(hashlib.sha256(_PRINTED.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{printed}'"
