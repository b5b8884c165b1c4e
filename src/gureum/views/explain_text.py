"""Explanations as text, 80 columns wide: what it is, why, who says so, what belongs to it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from gureum.operate.explain.answer import Explanation, Fact, OptionAnswer, OptionsAnswer, Row, Thing
from gureum.program import runnable
from gureum.views import explain_option
from gureum.views.data import Line
from gureum.views.moments import ago
from gureum.views.paragraph import WIDTH, labelled, wrapped

_HEADS = 38
"""Columns that may stand beside a sentence without making it a thin one."""


def lines(found: Explanation, *, full: bool = False) -> Iterator[Line]:
    """Yield every answer, the most specific first, then how old the picture is."""
    for number, answer in enumerate(found.answers):
        if number:
            yield "", ""
        if isinstance(answer, OptionAnswer):
            yield from explain_option.one(answer, full=full)
        elif isinstance(answer, OptionsAnswer):
            yield from explain_option.many(answer)
        else:
            yield from _thing(answer, brief=number > 0)
    yield "", ""
    if found.seen is None:
        yield "the hosts were never looked at: addresses and sizes are placeholders", "yellow"
    else:
        yield f"the hosts were last looked at {ago(time.time(), found.seen)} ago", "dim"


def _thing(thing: Thing, *, brief: bool) -> Iterator[Line]:
    """Yield a thing; a brief one names the rows of its tables and leaves out the rest of them."""
    yield f"{thing.kind} {thing.name}", "bold"
    yield from wrapped(thing.summary, "  ")
    if thing.why:
        yield from labelled("why", thing.why)
    for name, fact in thing.facts.items():
        if brief and fact and not isinstance(fact, str) and isinstance(fact[0], Mapping):
            heads = dict.fromkeys(next(iter(row.values())) for row in fact)
            yield from labelled(name.replace("_", " "), ", ".join(heads))
        else:
            yield from _fact(name.replace("_", " "), fact)


def _fact(label: str, fact: Fact) -> Iterator[Line]:
    if isinstance(fact, str):
        # What starts with gureum is a command: it is spelt as it is typed here, on one line.
        if fact.startswith("gureum "):
            yield f"  {label:<13} {runnable(fact)}", ""
        else:
            yield from labelled(label, fact)
    elif fact and isinstance(fact[0], Mapping):
        yield f"  {label}", ""
        yield from table(fact)
    elif any(" " in str(item) for item in fact):
        yield f"  {label}", ""
        for item in fact:
            yield from wrapped(str(item), "    ", hanging="    ")
    else:
        yield from labelled(label, ", ".join(map(str, fact)))


def table(rows: Sequence[Row]) -> Iterator[Line]:
    """Yield rows in columns; where these are too wide, each row is a head with the rest below."""
    *heads, last = rows[0]
    widths = {head: max(len(row[head]) for row in rows) for head in heads}
    taken = 4 + sum(widths.values()) + 2 * len(heads)
    narrow = taken <= _HEADS or taken + max(len(row[last]) for row in rows) <= WIDTH
    narrow = narrow and "value" not in heads
    for row in rows:
        if narrow:
            start = "    " + "".join(f"{row[head]:<{widths[head]}}  " for head in heads)
            yield from wrapped(row[last], start, hanging=" " * len(start))
            continue
        head, *others = row.values()
        if "option" in row and "value" in row:
            head, others = f"{row['option']} = {row['value']}", [row[last]]
        yield from wrapped(head, "    ", hanging="      ")
        for text in others:
            if text:
                yield from wrapped(text, "        ")
