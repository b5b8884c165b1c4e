"""Follows one request through the logs: from its id to those that its services passed on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gureum.remote import log_search
from gureum.remote.log_filter import REQUEST

FULL = re.compile(r"req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ROUNDS = 4
"""A caller's id leads to its children and a child's to its caller: no chain is longer."""


def trace(wish: dict[str, Any], asked: str) -> dict[str, Any]:
    """Return every row of a request and of what it caused, as `log_search.search` does.

    `asked` may be the beginning of an id. Also returned: `ids`, and `candidates`, several ids that
    begin so, of which one has to be chosen first.
    """
    return trace_by(log_search.search, wish, asked)


def trace_by(
    search: Callable[[dict[str, Any]], dict[str, Any]], wish: dict[str, Any], asked: str
) -> dict[str, Any]:
    """Do what `trace` does with another way to search."""
    found = search({**wish, "any": [asked]})
    begun = sorted(
        {i for row in found["rows"] for i in FULL.findall(row[5]) if i.startswith(asked)}
    )
    if len(begun) > 1:
        return {**found, "rows": [], "ids": [], "candidates": begun}
    ids = set(begun)
    for _ in range(ROUNDS):
        more = linked(found["rows"], ids) - ids
        if not more:
            break
        ids |= more
        found = search({**wish, "any": sorted(ids)})
    return {**found, "ids": sorted(ids), "candidates": []}


def linked(rows: list[log_search.Row], ids: set[str]) -> set[str]:
    """Return the ids that stand in one pair of brackets with one of `ids`."""
    pairs = [match.groups() for row in rows if (match := REQUEST.search(row[5]))]
    found = {own for caller, own in pairs if caller in ids}
    return found | {caller for caller, own in pairs if own in ids and FULL.fullmatch(caller)}
