"""OVN's chassis are registered and have put to work what neutron wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gureum.checks.check import Check, Status, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.remote import probes


def run(context: CheckContext) -> Verdict:
    """Compare the chassis of the southbound database with the hosts that run ovn-controller."""
    central = context.expected.hosts_of("ovn-northd")
    wanted = context.expected.hosts_of("ovn-controller")
    if not central:
        return Verdict(status=Status.SKIP, summary="the cloud has no OVN")
    south, looked = context.ask(central[0], probes.chassis)
    north, looked_north = context.ask(central[0], probes.northbound)
    errors = [answer["error"] for answer in (south, north) if "error" in answer]
    wrong = errors or judge(wanted, south["chassis"])
    behind = 0 if errors else int(north["nb_cfg"]) - int(north["hv_cfg"])
    return verdict(
        wrong,
        f"{len(wanted)} chassis registered",
        doubtful=[f"the slowest chassis is {behind} changes behind"] if behind > 1 else [],
        evidence=(looked, looked_north),
        hint=context.there(central, "ovn-sbctl", "show"),
        value=len(wanted),
        unit="chassis",
    )


def judge(hosts: Sequence[str], chassis: Sequence[dict[str, Any]]) -> list[str]:
    """Return hosts without a chassis, and hosts that have more than one."""
    names = [str(entry["hostname"]).split(".")[0] for entry in chassis]
    wrong = [f"{host} is no chassis" for host in hosts if host not in names]
    return wrong + [
        f"{host} is {names.count(host)} chassis: one is a leftover of another system-id"
        for host in dict.fromkeys(names)
        if names.count(host) > 1
    ]


CHECK = Check(
    id="ovn.chassis_registered",
    title="OVN chassis",
    proves="Every host with ovn-controller is exactly one chassis of OVN's southbound database and "
    "keeps up with the northbound one.",
    run=run,
    requirement="R-SVC-5",
)
