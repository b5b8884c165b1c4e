"""Counts VMs of all projects, by their status and by their host."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gureum.operate.plain_api import PlainApi

HOST = "OS-EXT-SRV-ATTR:host"


@dataclass(frozen=True)
class VmCount:
    """How many VMs have which status, most frequent first, and how many are on which host."""

    by_status: dict[str, int] = field(default_factory=dict)
    by_host: dict[str, int] = field(default_factory=dict)


def count_vms(api: PlainApi, compute_url: str) -> VmCount:
    """Return how many VMs there are; raises as `PlainApi` does."""
    statuses: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    marker = ""
    while True:
        query = f"/servers/detail?all_tenants=1&limit=1000{marker}"
        servers = api.get(compute_url + query)["servers"]
        if not servers:
            return VmCount(dict(statuses.most_common()), dict(hosts))
        statuses.update(str(server["status"]) for server in servers)
        hosts.update(str(server[HOST]) for server in servers if server.get(HOST))
        marker = f"&marker={servers[-1]['id']}"
