"""What nova, placement, neutron and OVN keep of a compute host, and how it is taken out of them.

All of it goes through their APIs and own tools (D11): none of their tables is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gureum.checks.client import client
from gureum.checks.runner import first_line


@dataclass(frozen=True, kw_only=True)
class Records:
    """What is kept of a host: ids by what they are of; `hypervisors` go with nova's service."""

    services: tuple[tuple[str, str], ...] = ()
    hypervisors: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    allocations: tuple[str, ...] = ()
    agents: tuple[tuple[str, str], ...] = ()
    chassis: bool = False

    def words(self) -> list[str]:
        """Return what there is, as a person says it."""
        found = [f"nova's service {name}" for _, name in self.services]
        found += [f"the hypervisor {name}" for name in self.hypervisors]
        found += ["the provider of its room in placement"] if self.providers else []
        found += [f"the allocation of {consumer}" for consumer in self.allocations]
        found += [f"neutron's agent {name}" for _, name in self.agents]
        return [*found, *(["its chassis in OVN"] if self.chassis else [])]


def records_of(api: Any, host: str, on_record: Callable[[], dict[str, list[str]]]) -> Records:
    """Return what is kept of a host; `on_record` asks a controller what its databases list."""
    providers = [p for p in api.placement.resource_providers() if _short(p.name) == host]
    allocations = [
        consumer
        for provider in providers
        for consumer in api.placement.get(f"/resource_providers/{provider.id}/allocations").json()[
            "allocations"
        ]
    ]
    services = [s for s in api.compute.services(host=host) if s.binary == "nova-compute"]
    return Records(
        services=tuple((str(s.id), str(s.binary)) for s in services),
        hypervisors=tuple(str(h.name) for h in api.compute.hypervisors() if _short(h.name) == host),
        providers=tuple(str(p.id) for p in providers),
        allocations=tuple(allocations),
        agents=tuple((str(a.id), str(a.binary)) for a in api.network.agents(host=host)),
        chassis="OVN chassis" in on_record().get(host, []),
    )


def forget(
    api: Any,
    host: str,
    on_record: Callable[[], dict[str, list[str]]],
    forget_chassis: Callable[[], Any],
) -> tuple[Records, Records, list[str]]:
    """Take a host out of all records; return what there was, what is left, and what was refused.

    nova's service goes first: with it go hypervisor, cell mapping, aggregates, provider and what
    evacuated VMs still had allocated.
    """
    before = records_of(api, host, on_record)
    refused: list[str] = []

    def attempt(what: str, act: Callable[[], object]) -> None:
        try:
            act()
        except client().exceptions.SDKException as error:
            refused.append(f"{what}: {first_line(error)}")

    for id, name in before.services:
        attempt(f"nova's service {name}", lambda id=id: api.compute.delete_service(id))  # type: ignore[misc]
    for id, name in before.agents:
        attempt(f"neutron's agent {name}", lambda id=id: api.network.delete_agent(id))  # type: ignore[misc]
    after = records_of(api, host, on_record)
    if after.chassis:
        forget_chassis()
    if not after.services:
        _release(api, after, attempt)
    return before, records_of(api, host, on_record), refused


def _release(
    api: Any, records: Records, attempt: Callable[[str, Callable[[], object]], None]
) -> None:
    """Remove a provider that outlived nova's service, with allocations of VMs that are no more."""
    for consumer in records.allocations:
        if _is_no_vm(api, consumer):
            attempt(
                f"the allocation of {consumer}",
                lambda consumer=consumer: api.placement.delete(f"/allocations/{consumer}"),  # type: ignore[misc]
            )
    for provider in records.providers:
        attempt(
            "the provider in placement",
            lambda provider=provider: api.placement.delete_resource_provider(provider),  # type: ignore[misc]
        )


def _is_no_vm(api: Any, consumer: str) -> bool:
    try:
        api.compute.get_server(consumer)
    except client().exceptions.NotFoundException:
        return True
    return False


def _short(name: object) -> str:
    return str(name).split(".")[0]
