"""In which order units are started, stopped and restarted, by what their steps need.

A unit waits for those of the chosen units that it needs, through however many steps. A stop goes
the other way round. A restart also goes one unit after another within a service, the API last, and
one controller after another: what serves requests is away for its own restart and no longer, and a
unit that does not come back stops the rest while the others still serve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gureum.operate.services.selection import ChosenUnit
from gureum.plan.graph import Graph

Order = dict[str, frozenset[str]]
"""Key of a unit -> keys of those that come before it."""


def start_order(chosen: Sequence[ChosenUnit], graph: Graph) -> Order:
    """Return for each unit the chosen units that it needs."""
    keys = {one.key for one in chosen}
    reached = reach(graph, keys)
    return {one.key: reached[one.key] for one in chosen}


def stop_order(chosen: Sequence[ChosenUnit], graph: Graph) -> Order:
    """Return for each unit the chosen units that need it."""
    starts = start_order(chosen, graph)
    return {
        key: frozenset(other for other, needs in starts.items() if key in needs) for key in starts
    }


def restart_order(chosen: Sequence[ChosenUnit], graph: Graph, controllers: Sequence[str]) -> Order:
    """Return for each unit those that restart before it."""
    needs = start_order(chosen, graph)
    by_key = {one.key: one for one in chosen}
    rank = {one.key: n for n, one in enumerate(sorted(chosen, key=_api_last))}
    last: dict[tuple[str, str], str] = {}
    order: Order = {}
    for key in in_turn(needs, rank):
        one = by_key[key]
        # Compute hosts are independent of each other; controllers stand in for one another.
        queue = (one.service, "" if one.host in controllers else one.host)
        order[key] = needs[key] | {last[queue]} if queue in last else needs[key]
        last[queue] = key
    return order


def in_turn(order: Mapping[str, Iterable[str]], rank: Mapping[str, int]) -> list[str]:
    """Return the keys, each after those before it, else by rank."""
    waiting = {key: set(before) for key, before in order.items()}
    turn: list[str] = []
    while waiting:
        # The graph has no circle, which it checked when it was made.
        key = min((k for k, before in waiting.items() if not before), key=rank.__getitem__)
        turn.append(key)
        del waiting[key]
        for before in waiting.values():
            before.discard(key)
    return turn


def _api_last(one: ChosenUnit) -> bool:
    return one.unit.ready_url is not None


def reach(graph: Graph, keys: set[str]) -> dict[str, frozenset[str]]:
    """Return for every step all of `keys` that it needs, directly or through others."""
    found: dict[str, frozenset[str]] = {}
    for key in graph.order:
        direct = graph.before[key]
        found[key] = frozenset().union(*(found[n] for n in direct), direct & keys)
    return found
