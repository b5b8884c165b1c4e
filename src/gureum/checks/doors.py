"""The hosts' firewalls hold: what is for others is open to them, and what is not is shut."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence

from gureum.checks.check import Check, Evidence, Status, Verdict, verdict
from gureum.checks.context import CheckContext, brief
from gureum.remote.knock import OPEN, knock
from gureum.services.firewall_rules import Door

HERE = "this machine"


def run(context: CheckContext) -> Verdict:
    """Knock at every TCP port of every host, from this machine and from another host of the cloud."""
    if not context.doors:
        return Verdict(status=Status.SKIP, summary="cloud.yaml says firewall.enabled: false")
    wrong: list[str] = []
    evidence: list[Evidence] = []
    shut = 0
    for prober, doors in _rounds(context):
        places = [(door.address, door.port) for door in doors]
        if prober:
            answers, looked = context.ask(prober, knock, places)
        else:
            answers = knock(places)
            looked = Evidence(command="knock from this machine", output=brief(answers))
            if OPEN not in answers.values():
                # Behind a jump host nothing is to be learnt from here.
                continue
        evidence.append(looked)
        address = context.addresses.get(prober, "")
        wrong += judge(prober, address, doors, answers)
        shut += sum(not _may(door, address) for door in doors)
    return verdict(
        wrong,
        f"{shut} ports are shut to whom they are not for",
        evidence=tuple(evidence),
        hint=context.there(wrong, "nft", "list", "table", "inet", "gureum"),
        value=shut,
        unit="ports",
    )


def _rounds(context: CheckContext) -> list[tuple[str, list[Door]]]:
    """Return who knocks where: this machine, and each host at the host after it."""
    names = list(context.hosts)
    rounds = [] if context.one_is_here else [("", list(context.doors))]
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        doors = [door for door in context.doors if door.host == name]
        if name != other and doors:
            rounds.append((other, doors))
    return rounds


def judge(
    prober: str, address: str, doors: Sequence[Door], answers: Mapping[str, str]
) -> list[str]:
    """Return what is wrong with the doors of hosts, as somebody at `address` found them."""
    who = prober or HERE
    wrong = []
    for door in doors:
        answer = answers.get(f"{door.address}:{door.port}")
        name = f"{door.host}: port {door.port} ({door.purpose})"
        if _may(door, address) and answer != OPEN:
            wrong.append(f"{name} is {answer} to {who}, which it is for")
        elif not _may(door, address) and answer == OPEN and not (door.subnets and not address):
            wrong.append(f"{name} is open to {who}, which it is not for")
    return wrong


def _may(door: Door, address: str) -> bool:
    """Tell whether who has this address may come in; an empty one is nobody of the cloud's."""
    if door.everyone or address in door.peers:
        return True
    return bool(address) and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(subnet) for subnet in door.subnets
    )


CHECK = Check(
    id="hosts.firewall_holds",
    title="host firewalls hold",
    proves="What a host serves is open to whom it is for and to nobody else, tried from this machine and "
    "from another host of the cloud: the database answers controllers, the API everyone.",
    run=run,
    requirement="R-PREP-5",
)
