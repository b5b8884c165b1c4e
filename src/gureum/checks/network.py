"""neutron's agents are alive."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext

AGENTS = {
    "ovn-controller": ("OVN Controller agent", "OVN Controller Gateway agent"),
    "neutron-ovn-agent": ("OVN Neutron agent", "OVN Metadata agent"),
    "neutron-openvswitch-agent": ("Open vSwitch agent",),
    "neutron-l3-agent": ("L3 agent",),
    "neutron-dhcp-agent": ("DHCP agent",),
    "neutron-metadata-agent": ("Metadata agent",),
}
"""Unit -> what neutron may call the agent that it is."""


def run(context: CheckContext) -> Verdict:
    """List the agents; every unit that reports as one must be among them, and alive."""
    api = context.api
    began = time.monotonic()
    agents = list(api.network.agents())
    wanted = {(u.host, u.name) for u in context.expected.units if u.name in AGENTS}
    wrong, doubtful = judge(wanted, agents)
    return verdict(
        wrong,
        f"{len(agents)} agents alive",
        doubtful=doubtful,
        evidence=(
            Evidence(
                command="GET /v2.0/agents",
                output="\n".join(f"{a.agent_type} {a.host} alive={a.is_alive}" for a in agents),
                seconds=time.monotonic() - began,
            ),
        ),
        hint="gureum openstack network agent list",
        value=len(agents),
        unit="agents",
    )


def judge(wanted: set[tuple[str, str]], agents: Sequence[Any]) -> tuple[list[str], list[str]]:
    """Return units (host, name) that are no agent and agents that are dead; and disabled ones."""
    present = {(str(agent.host).split(".")[0], str(agent.agent_type)) for agent in agents}
    wrong = [
        f"{host} has no {AGENTS[unit][0]}"
        for host, unit in sorted(wanted)
        if not any((host, kind) in present for kind in AGENTS[unit])
    ]
    wrong += [f"{a.agent_type} of {a.host} is dead" for a in agents if not a.is_alive]
    doubtful = [
        f"{a.agent_type} of {a.host} is disabled" for a in agents if not a.is_admin_state_up
    ]
    return wrong, doubtful


CHECK = Check(
    id="neutron.agents_alive",
    title="network agents alive",
    proves="Every host that switches project networks has agents, and neutron has heard of each "
    "of them lately.",
    run=run,
    requirement="R-SVC-5",
)
