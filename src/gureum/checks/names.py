"""Each host's name is the same everywhere it stands."""

from __future__ import annotations

from typing import Any

from gureum.checks.check import Check, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.remote import probes


def run(context: CheckContext) -> Verdict:
    """Compare running name, /etc/hostname and /etc/hosts on every host."""
    answers, evidence = context.ask_all(probes.names)
    wrong = [line for host, answer in answers.items() for line in judge(host, answer)]
    return verdict(
        wrong,
        f"{len(answers)} of {len(answers)} agree",
        evidence=evidence,
        hint="gureum apply",
    )


def judge(host: str, answer: dict[str, Any]) -> list[str]:
    """Return where one host's names disagree."""
    running = answer["running"]
    wrong = []
    if running.split(".")[0] != host:
        wrong.append(f"{host} calls itself {running}")
    if answer["etc_hostname"] != running:
        wrong.append(f"{host}: /etc/hostname says {answer['etc_hostname'] or 'nothing'}")
    if not answer["addresses"]:
        wrong.append(f"{host}: /etc/hosts does not know {running}")
    elif any(address.startswith("127.") for address in answer["addresses"]):
        wrong.append(f"{host}: /etc/hosts has {running} at a loopback address")
    return wrong


CHECK = Check(
    id="hosts.names_agree",
    title="host names agree",
    proves="Running name, /etc/hostname and /etc/hosts name a host alike, and its name leads to a "
    "real address: nova, neutron and OVN file a host under its name.",
    run=run,
    requirement="R-PREP-4",
)
