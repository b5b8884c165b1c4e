"""Picks subnets that this machine does not use yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, ip_network

from gureum.errors import LabError
from gureum.lab.command import run

POOLS = (IPv4Network("10.87.0.0/16"), IPv4Network("172.29.0.0/16"), IPv4Network("192.168.0.0/16"))
DEFAULT = IPv4Network("0.0.0.0/0")


def pick(seed: int, taken: Iterable[IPv4Network]) -> tuple[IPv4Network, IPv4Network]:
    """Return a management and a provider subnet (/24) that overlap nothing in `taken`.

    The seed decides where the search begins, so that a lab made again gets its addresses again.
    """
    used = list(taken)
    for pair in _pairs(seed):
        if not any(subnet.overlaps(other) for subnet in pair for other in used):
            return pair
    raise LabError(
        "every private subnet that a lab could have is in use on this machine",
        detail=", ".join(str(network) for network in used),
        hint="ip -4 route",
    )


def routed() -> list[IPv4Network]:
    """Return every IPv4 network that this machine has an address in or a route to."""
    routes = json.loads(run("ip", "-json", "-4", "route", "show", "table", "all") or "[]")
    found = (_network(str(route["dst"])) for route in routes if route.get("dst") != "default")
    return [network for network in found if network and network != DEFAULT]


def _pairs(seed: int) -> Iterator[tuple[IPv4Network, IPv4Network]]:
    for pool in POOLS:
        count = 2 ** (24 - pool.prefixlen) // 2
        start = int(pool.network_address)
        for turn in range(count):
            first = start + ((seed + turn) % count) * 512
            yield IPv4Network((first, 24)), IPv4Network((first + 256, 24))


def _network(text: str) -> IPv4Network | None:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None
