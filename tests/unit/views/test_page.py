"""The page that all HTML stands on: well-formed, self-contained,."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from gureum.views.markup import join, tag, text
from gureum.views.page import Section, State, badge, code, definitions, details, diff, page, table

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\x00\x1b[31m\u202e\ud800'
VOID = {"meta", "br", "link", "img", "col", "hr", "input", "wbr"}


class Tree(HTMLParser):
    """Keeps every element and complains of one that is not closed where it should be."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((name, dict(attrs)))
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def whole(title: str = "cloud") -> str:
    rows = [["nova", badge(State.GOOD, "runs"), 3], [HOSTILE, badge(State.BAD, "down"), 0.5]]
    body = [
        definitions([("hosts", 3), (HOSTILE, HOSTILE)]),
        table(["service", "state", "VMs"], rows, right="  r"),
        details(HOSTILE, code(HOSTILE), diff(["+" + HOSTILE, "-a", " b", "@@ 1 @@"])),
    ]
    return page(
        title, [Section("one", "One", body), Section("two", HOSTILE, HOSTILE)], kind="Report"
    )


def test_text_is_escaped_wherever_it_stands() -> None:
    """Names of hosts, outputs of commands: whatever they hold stays text ."""
    plain, hostile = Tree(whole()), Tree(whole(HOSTILE))
    assert [name for name, _ in plain.found] == [name for name, _ in hostile.found]
    assert not [attrs for _, attrs in hostile.found if any(k.startswith("on") for k in attrs)]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ud800]", whole(HOSTILE))
    whole(HOSTILE).encode("utf-8")


def test_what_is_markup_stays_and_what_is_text_does_not() -> None:
    assert tag("b", "a<b", tag("i", "x"), None, [1, 2.50]) == "<b>a&lt;b<i>x</i>12.5</b>"
    assert tag("a", class_="x", aria_label='"', open=True, hidden=False) == (
        '<a class="x" aria-label="&quot;" open></a>'
    )
    assert text("<") + "<" == "&lt;<"
    assert join([text("<") + "<"]) == "&amp;lt;&lt;", "markup and text added up are text again"


def test_nothing_is_fetched_and_only_the_own_script_may_run() -> None:
    source = whole()
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import|https?:", source)
    policy = next(a["content"] for n, a in Tree(source).found if a.get("http-equiv")) or ""
    assert "default-src 'none'" in policy
    assert "unsafe-inline'; script-src 'sha256-" in policy
    assert source.count("<script") == 1


def test_the_page_has_landmarks_and_headings_that_its_contents_lead_to() -> None:
    tree = Tree(whole())
    names = [name for name, _ in tree.found]
    assert [names.count(n) for n in ("h1", "main", "header", "nav", "title")] == [1, 1, 1, 1, 1]
    ids = {a["id"] for _, a in tree.found if "id" in a}
    links = {(a["href"] or "")[1:] for n, a in tree.found if n == "a"}
    assert links <= ids
    assert ("html", {"lang": "en"}) in tree.found


def test_a_state_is_told_by_word_and_mark_as_well() -> None:
    marks = {re.sub("<[^>]+>", "", badge(state, "word")) for state in State}
    assert len(marks) == len(State)
    assert all(mark.endswith("word") for mark in marks)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "paper"])
def test_every_colour_of_text_can_be_read_on_every_ground(scheme: int) -> None:
    """WCAG 2 asks for a contrast of 4.5 for text of ordinary size."""
    block = re.findall(r":root \{(.*?)\}", whole(), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    pairs = [(t, g) for t in ("text", "soft", "accent") for g in ("ground", "raised")]
    pairs += [(s, g) for s in ("good", "warning", "bad") for g in (f"{s}-ground", "ground")]
    for front, back in pairs:
        one, other = sorted([luminance(colours[front]), luminance(colours[back])])
        assert (other + 0.05) / (one + 0.05) >= 4.5, (front, back)
