"""Who is connected to a unit, and to whom it is connected, by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Connections of one kind: with whom, on which port of whose, and how many."""

    name: str
    port: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Peers:
    """`served` came to the unit's ports; `used` the unit has opened to the ports of others."""

    served: tuple[Peer, ...]
    used: tuple[Peer, ...]


def peers(
    unit: str,
    listening: set[tuple[str, int]],
    connections: Sequence[Mapping[str, Any]],
    hosts: Mapping[str, str],
) -> Peers:
    """Return the peers of a unit; `listening` are its ports, `hosts` maps addresses to hosts.

    Programs on the same host are named by their unit; others by their host, or by their address.
    """
    served: Counter[tuple[str, int]] = Counter()
    used: Counter[tuple[str, int]] = Counter()
    ports = {port for _, port in listening}
    for one in connections:
        if one["unit"] != unit:
            continue
        name = _name(one["peer"], hosts)
        if one["port"] in ports:
            served[name, one["port"]] += 1
        else:
            used[name, one["peer"]["port"]] += 1
    return Peers(served=_sorted(served), used=_sorted(used))


def _sorted(counted: Counter[tuple[str, int]]) -> tuple[Peer, ...]:
    ordered = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(Peer(name=name, port=port, count=count) for (name, port), count in ordered)


def _name(peer: Mapping[str, Any], hosts: Mapping[str, str]) -> str:
    unit = str(peer["unit"])
    if unit.endswith(".scope"):
        # Somebody's own program in a login: its scope says nothing.
        return str(peer["process"]) or unit
    if unit or peer["process"]:
        return unit.removesuffix(".service") or str(peer["process"])
    address = str(peer["address"])
    return f"host {hosts[address]}" if address in hosts else address
