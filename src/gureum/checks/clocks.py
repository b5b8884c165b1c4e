"""The clocks of all hosts agree, by measured offset."""

from __future__ import annotations

import time
from typing import Any

from gureum.checks.check import Check, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.remote import probes

LIMIT = 0.1
"""Seconds that chronyd's own measured offset may reach."""
APART = 1.0
"""Seconds that two hosts may differ, the way of the question included."""
OWN_CLOCK = ("7F7F0101", "127.127.1.1", "LOCL")
"""How chronyd names a clock that follows nobody."""


def run(context: CheckContext) -> Verdict:
    """Ask chronyd on each host for its offset, and each host for its time."""
    wrong: list[str] = []
    evidence = []
    offsets = [0.0]
    differences: dict[str, float] = {}
    for host in context.hosts:
        began = time.time()
        answer, looked = context.ask(host, probes.clock)
        middle = (began + time.time()) / 2
        evidence.append(looked)
        differences[host] = answer["time"] - middle
        wrong += judge(host, answer, follows=context.time_servers or len(context.hosts) > 1)
        offsets.append(abs(answer.get("offset", 0.0)))
    spread = max(differences.values()) - min(differences.values()) if differences else 0.0
    if spread > APART:
        wrong.append(f"the hosts' clocks are {spread:.1f} s apart")
    return verdict(
        wrong,
        f"offset {max(offsets) * 1000:.1f} ms at most",
        evidence=tuple(evidence),
        hint="chronyc sources -v; chronyc tracking",
        value=round(max(offsets), 6),
        unit="s",
    )


def judge(host: str, answer: dict[str, Any], *, follows: bool) -> list[str]:
    """Return what is wrong with one clock; one that has nobody to follow is its own master."""
    if "error" in answer:
        return [f"{host}: chronyd does not answer: {answer['error']}"]
    alone = answer["reference"] in OWN_CLOCK
    if answer["leap"] == "Not synchronised" and follows:
        return [f"{host} follows no time server"]
    if not alone and abs(answer["offset"]) > LIMIT:
        return [f"{host} is {answer['offset']:+.3f} s off {answer['reference']}"]
    return []


CHECK = Check(
    id="hosts.clocks_agree",
    title="clocks agree",
    proves="Every host's clock is within 0.1 s of its time source and the hosts' clocks agree, as "
    "measured and not as a running daemon promises: tokens and agent heartbeats carry times.",
    run=run,
    requirement="R-PREP-6",
)
