"""Whether other compute hosts have room for the VMs of one, by placement's own numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gureum.operate.computes.vms import Vm

Amounts = dict[str, float]
"""Resource class -> how much of it."""


@dataclass(frozen=True)
class Room:
    """What is free on each host that takes VMs, and what each VM to be moved takes (by its id)."""

    free: Mapping[str, Amounts]
    wanted: Mapping[str, Amounts]
    shut: Mapping[str, str] = field(default_factory=dict)

    def homeless(self, vms: Iterable[Vm]) -> list[Vm]:
        """Return the VMs that find no place when the largest are placed first.

        It is a forecast: the scheduler also asks for zones, aggregates and affinity, and decides.
        """
        free = {host: dict(amounts) for host, amounts in self.free.items()}
        left = []
        for vm in sorted(vms, key=lambda v: -self.wanted.get(v.id, {}).get("MEMORY_MB", 0)):
            takes = self.wanted.get(vm.id, {})
            fits = [h for h, f in free.items() if all(f.get(k, 0) >= n for k, n in takes.items())]
            if not fits:
                left.append(vm)
                continue
            roomiest = max(fits, key=lambda host: free[host].get("MEMORY_MB", 0))
            for kind, amount in takes.items():
                free[roomiest][kind] -= amount
        return left


def room_beside(api: Any, host: str) -> Room:
    """Return the room of every compute host but `host`, asked of nova and placement.

    `shut` names hosts that take no VMs now, and why.
    """
    free: dict[str, Amounts] = {}
    shut: dict[str, str] = {}
    providers = {str(p.name).split(".")[0]: p for p in api.placement.resource_providers()}
    for service in api.compute.services(binary="nova-compute"):
        name = str(service.host)
        if name == host:
            continue
        if service.state != "up":
            shut[name] = "its nova-compute does not report"
        elif service.status != "enabled":
            shut[name] = f"disabled: {service.disabled_reason or 'no reason given'}"
        elif name in providers:
            free[name] = _free(api, providers[name].id)
    mine = providers.get(host)
    return Room(free, _allocations(api, mine.id) if mine is not None else {}, shut)


def _free(api: Any, provider: str) -> Amounts:
    used = _get(api, provider, "usages")["usages"]
    inventories = _get(api, provider, "inventories")["inventories"]
    return {
        kind: (one["total"] - one["reserved"]) * one["allocation_ratio"] - used.get(kind, 0)
        for kind, one in inventories.items()
    }


def _allocations(api: Any, provider: str) -> dict[str, Amounts]:
    found = _get(api, provider, "allocations")["allocations"]
    return {consumer: dict(one["resources"]) for consumer, one in found.items()}


def _get(api: Any, provider: str, what: str) -> Any:
    return api.placement.get(f"/resource_providers/{provider}/{what}").json()
