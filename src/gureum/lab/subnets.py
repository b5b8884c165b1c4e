"""Picks subnets that this machine does not use yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from ipaddress import IPv4Network, ip_network

from gureum.errors import LabError
from gureum.lab.command import run

POOLS = (IPv4Network("10.87.0.0/16"), IPv4Network("172.29.0.0/16"), IPv4Network("192.168.0.0/16"))
DEFAULT = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True)
class Subnets:
    """The subnets of one lab: /24 each."""

    management: IPv4Network
    """Hosts talk over it, to one another and to the outside."""
    provider: IPv4Network
    """Floating IPs live on it."""
    tunnel: IPv4Network
    """The project networks' tunnels run over it, between hosts alone."""

    @property
    def all(self) -> tuple[IPv4Network, ...]:
        """All of them."""
        return astuple(self)


def pick(seed: int, taken: Iterable[IPv4Network]) -> Subnets:
    """Return subnets that overlap nothing in `taken`.

    The seed decides where the search begins, so that a lab made again gets its addresses again.
    """
    used = list(taken)
    for subnets in _candidates(seed):
        if not any(subnet.overlaps(other) for subnet in subnets.all for other in used):
            return subnets
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


def _candidates(seed: int) -> Iterator[Subnets]:
    """Yield groups of three that lie side by side; the fourth of each block stays free."""
    for pool in POOLS:
        count = 2 ** (24 - pool.prefixlen) // 4
        start = int(pool.network_address)
        for turn in range(count):
            first = start + ((seed + turn) % count) * 1024
            yield Subnets(*(IPv4Network((first + number * 256, 24)) for number in range(3)))


def _network(text: str) -> IPv4Network | None:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None
