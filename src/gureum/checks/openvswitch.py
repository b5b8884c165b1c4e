"""Open vSwitch has the bridges that it is to have, joined, and every port of theirs works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gureum.checks.check import Check, Status, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.expected import ExpectedBridge
from gureum.remote import ovs

PATCHES = {
    "br-tun": ("patch-int", "patch-tun"),
    "br-provider": ("phy-br-provider", "int-br-provider"),
}
"""Bridge -> the ends of the cable by which the Open vSwitch agent joins it with br-int, its own first."""


def run(context: CheckContext) -> Verdict:
    """Compare each host's bridges with the declared ones."""
    expected = context.expected
    hosts = tuple(dict.fromkeys(bridge.host for bridge in expected.bridges))
    if not hosts:
        return Verdict(status=Status.SKIP, summary="no host of the cloud has bridges")
    agents = expected.hosts_of("neutron-openvswitch-agent")
    wrong: list[str] = []
    doubtful: list[str] = []
    evidence = []
    for host in hosts:
        found, looked = context.ask(host, ovs.look)
        evidence.append(looked)
        wanted = [bridge for bridge in expected.bridges if bridge.host == host]
        wrong += judge(wanted, found["bridges"], patched=host in agents)
        doubtful += [f"{host}: {port}: {said}" for port, said in found["errors"].items()]
    return verdict(
        wrong,
        f"{len(expected.bridges)} bridges as declared",
        doubtful=doubtful,
        evidence=tuple(evidence),
        hint=context.there([*wrong, *doubtful], "ovs-vsctl", "show"),
        value=len(expected.bridges),
        unit="bridges",
    )


def judge(
    wanted: Sequence[ExpectedBridge], bridges: Mapping[str, Any], *, patched: bool
) -> list[str]:
    """Return bridges of a host that are missing or different; `patched` where an agent joins them."""
    wrong = []
    for bridge in wanted:
        found = bridges.get(bridge.name)
        if found is None:
            wrong.append(f"{bridge.host} has no bridge {bridge.name}")
            continue
        if found["datapath"] != bridge.datapath:
            wrong.append(
                f"{bridge.host}: {bridge.name} has the datapath {found['datapath']} "
                f"in place of {bridge.datapath}"
            )
        ports = [*bridge.ports]
        if patched and bridge.name == "br-int":
            ports += [PATCHES[other.name][1] for other in wanted if other.name in PATCHES]
        elif patched and bridge.name in PATCHES:
            ports.append(PATCHES[bridge.name][0])
        missing = [port for port in ports if port not in found["ports"]]
        if missing:
            wrong.append(f"{bridge.host}: {', '.join(missing)} is not in {bridge.name}")
    return wrong


CHECK = Check(
    id="openvswitch.bridges",
    title="bridges",
    proves="Every network and compute host has its bridges, all of one datapath, with their NICs plugged in "
    "and joined where an agent joins them; a port that Open vSwitch cannot open is a warning.",
    run=run,
    requirement="R-SVC-5",
)
