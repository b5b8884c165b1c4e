"""Hosts as text: lists and tables."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.host_list import HostList
from gureum.views.data import Line
from gureum.views.moments import ago
from gureum.views.table import columns


def listing(found: HostList) -> Iterator[Line]:
    """Yield one line for each host."""
    head = ["host", "roles", "address", "reached by", "last seen", "state"]
    rows = [
        [
            host.name,
            ", ".join(host.roles),
            host.address or "-",
            host.reached,
            f"{ago(found.time, host.seen)} ago" if host.seen else "never",
            host.state,
        ]
        for host in found.hosts
    ]
    first, *others = columns([head, *rows])
    yield first, "bold"
    for line in others:
        yield line, ""
