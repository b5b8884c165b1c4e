"""nova's services, its hypervisors and placement's record of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from gureum.checks import reporting
from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.patience import settled

COMPUTE = "nova-compute"
_REPORTING = (COMPUTE, "nova-conductor", "nova-scheduler")


def run_services(context: CheckContext) -> Verdict:
    """List nova's services and compare with the units that are to report."""
    wanted = [(u.host, u.name) for u in context.expected.units if u.name in _REPORTING]
    hint = "gureum openstack compute service list"
    return reporting.look(wanted, context.api.compute.services, hint=hint)


def run_hypervisors(context: CheckContext) -> Verdict:
    """List the hypervisors; every compute host must be one, and up."""
    api = context.api
    began = time.monotonic()
    wanted = context.expected.hosts_of(COMPUTE)
    hypervisors = settled(
        lambda: list(api.compute.hypervisors(details=True)),
        lambda seen: judge_hypervisors(wanted, seen),
    )
    return verdict(
        judge_hypervisors(wanted, hypervisors),
        ", ".join(f"{h.name} ({h.hypervisor_type})" for h in hypervisors),
        evidence=(
            Evidence(
                command="GET /os-hypervisors/detail",
                output="\n".join(f"{h.name} {h.state} {h.status}" for h in hypervisors),
                seconds=time.monotonic() - began,
            ),
        ),
        hint="gureum openstack hypervisor list",
        value=len(hypervisors),
        unit="hypervisors",
    )


def judge_hypervisors(wanted: Sequence[str], hypervisors: Sequence[Any]) -> list[str]:
    """Return compute hosts that are no hypervisor, and hypervisors that are down."""
    names = {str(hypervisor.name).split(".")[0] for hypervisor in hypervisors}
    wrong = [f"{host} is no hypervisor of any cell" for host in wanted if host not in names]
    wrong += [f"hypervisor {h.name} is {h.state}" for h in hypervisors if h.state != "up"]
    return wrong or ([] if hypervisors else ["no hypervisor"])


def run_placement(context: CheckContext) -> Verdict:
    """List placement's providers; every compute host must offer processors, memory and disk."""
    api = context.api
    began = time.monotonic()
    hosts = context.expected.hosts_of(COMPUTE)
    offered = settled(lambda: _offered(api), lambda seen: judge_inventories(hosts, seen))
    return verdict(
        judge_inventories(hosts, offered),
        ", ".join(f"{name}: {_room(room)}" for name, room in offered.items() if room),
        evidence=(
            Evidence(
                command="GET /resource_providers and their inventories",
                output="\n".join(f"{name}: {room}" for name, room in offered.items()),
                seconds=time.monotonic() - began,
            ),
        ),
        hint="gureum openstack compute service list; gureum service status nova-compute",
    )


def _offered(api: Any) -> dict[str, dict[str, int]]:
    return {
        str(provider.name): {
            str(inventory.resource_class): int(inventory.total)
            for inventory in api.placement.resource_provider_inventories(provider)
        }
        for provider in api.placement.resource_providers()
    }


def judge_inventories(hosts: Sequence[str], offered: dict[str, dict[str, int]]) -> list[str]:
    """Return hosts that placement does not know, or that offer it nothing."""
    wrong = []
    for host in hosts:
        name = next((name for name in offered if name.split(".")[0] == host), "")
        if not name:
            wrong.append(f"placement knows no provider {host}")
            continue
        nothing = [k for k in ("VCPU", "MEMORY_MB", "DISK_GB") if not offered[name].get(k)]
        if nothing:
            wrong.append(f"{host} offers no {', '.join(nothing)}")
    return wrong


def _room(room: dict[str, int]) -> str:
    return ", ".join(f"{total} {name}" for name, total in sorted(room.items(), reverse=True))


SERVICES = Check(
    id="nova.services_up",
    title="compute services up",
    proves="Every scheduler, conductor and nova-compute has reported to nova within the last minute.",
    run=run_services,
    requirement="R-SVC-4",
)
HYPERVISORS = Check(
    id="nova.hypervisors_up",
    title="hypervisors up",
    proves="Every compute host is a hypervisor that is up and belongs to a cell, so the scheduler "
    "can choose it.",
    run=run_hypervisors,
    requirement="R-SVC-4",
)
PLACEMENT = Check(
    id="placement.room_offered",
    title="room is offered",
    proves="Placement has a provider with processors, memory and disk for every compute host.",
    run=run_placement,
    requirement="R-SVC-3",
)
