"""Every declared port is listened on by the very unit that is to listen there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.expected import ExpectedPort
from gureum.remote import facts_ports

ANY = ("0.0.0.0", "::", "*")  # noqa: S104
DEAD_KEYSTONE_PORT = 35357


def run(context: CheckContext) -> Verdict:
    """Compare the listening sockets of each host with what is expected there."""
    wrong: list[str] = []
    evidence: list[Evidence] = []
    count = 0
    for host in context.hosts:
        wanted = [port for port in context.expected.ports if port.host == host]
        sockets, looked = context.ask(host, facts_ports.listening)
        count += len(wanted)
        evidence.append(looked)
        wrong += [line for port in wanted for line in judge(port, sockets)]
    return verdict(
        wrong,
        f"{count} ports listen",
        evidence=tuple(evidence),
        hint=context.there(wrong, "ss", "-ltnup"),
        value=count,
        unit="ports",
    )


def judge(wanted: ExpectedPort, sockets: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with one port: nobody listens, or somebody else does."""
    place = f"{wanted.host} {wanted.address}:{wanted.port}/{wanted.protocol}"
    here = [
        entry
        for entry in sockets
        if entry["port"] == wanted.port
        and entry["protocol"] == wanted.protocol
        and _covers(entry["address"], wanted.address)
    ]
    if not here:
        return [f"{place}: nothing listens, {wanted.unit} is to"]
    holders = {_plain(entry["unit"]) or entry["process"] for entry in here}
    if _plain(wanted.unit) not in holders:
        return [f"{place}: {', '.join(sorted(holders))} listens in place of {wanted.unit}"]
    return []


def run_dead_port(context: CheckContext) -> Verdict:
    """Look for keystone's former administration port on every host and in the catalogue."""
    answers, evidence = context.ask_all(facts_ports.listening)
    wrong = [
        f"{host}: {entry['process'] or 'something'} listens on {DEAD_KEYSTONE_PORT}"
        for host, sockets in answers.items()
        for entry in sockets
        if entry["port"] == DEAD_KEYSTONE_PORT
    ]
    return verdict(
        wrong,
        f"nothing listens on {DEAD_KEYSTONE_PORT}",
        evidence=tuple(
            Evidence(command=e.command, host=e.host, seconds=e.seconds) for e in evidence
        ),
        hint=context.there(wrong, "ss", "-ltnp", "sport", "=", f":{DEAD_KEYSTONE_PORT}"),
    )


def _covers(address: str, wanted: str) -> bool:
    return address in ANY or address in (wanted, f"::ffff:{wanted}") or wanted in ANY


def _plain(unit: str) -> str:
    return unit.removesuffix(".service").removesuffix(".socket")


CHECK = Check(
    id="hosts.ports_listen",
    title="ports listen",
    proves="Every declared port is open on its host, and it is the declared unit that listens there.",
    run=run,
)
DEAD_PORT = Check(
    id="keystone.one_port",
    title="no second identity port",
    proves="Keystone answers on port 5000 alone: nothing listens on its former port 35357.",
    run=run_dead_port,
    requirement="R-SVC-1",
)
