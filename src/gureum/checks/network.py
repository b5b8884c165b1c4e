"""neutron's agents are alive."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext

REPORTING_UNITS = ("ovn-controller", "neutron-ovn-agent")


def run(context: CheckContext) -> Verdict:
    """List the agents; every host that is to have one must have one alive."""
    api = context.api
    began = time.monotonic()
    agents = list(api.network.agents())
    wanted = {u.host for u in context.expected.units if u.name in REPORTING_UNITS}
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


def judge(hosts: set[str], agents: Sequence[Any]) -> tuple[list[str], list[str]]:
    """Return hosts without an agent and agents that are dead; and those an operator has disabled."""
    present = {str(agent.host).split(".")[0] for agent in agents}
    wrong = [f"{host} has no agent" for host in sorted(hosts - present)]
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
