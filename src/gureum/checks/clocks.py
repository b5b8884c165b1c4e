"""The clocks of all hosts agree, by measured offset."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.patience import settled
from gureum.remote import probes

LIMIT = 0.1
"""Seconds that chronyd's own measured offset may reach."""
APART = 1.0
"""Seconds that two hosts may differ, the way of the question included."""
UTC = "UTC+00:00"
OWN_CLOCK = ("7F7F0101", "127.127.1.1", "LOCL")
"""How chronyd names a clock that follows nobody."""


def run(context: CheckContext) -> Verdict:
    """Ask chronyd on each host for its offset, and each host for its time."""
    follows = context.time_servers or len(context.hosts) > 1

    def found(seen: Mapping[str, Looked]) -> list[str]:
        return [
            line for host, at in seen.items() for line in judge(host, at.answer, follows=follows)
        ]

    # After a start chronyd wants a few answers before it follows anybody.
    seen = settled(lambda: {host: _look(context, host) for host in context.hosts}, found)
    wrong = found(seen)
    wrong += judge_apart({host: at.ahead for host, at in seen.items()})
    zones = {host: str(at.answer["zone"]) for host, at in seen.items()}
    doubtful = judge_zones(zones)
    doubtful += [line for host, at in seen.items() for line in judge_alone(host, at.answer)]
    zoned = not wrong and judge_zones(zones)
    tell = ("timedatectl", "set-timezone", "Etc/UTC") if zoned else ("chronyc", "-n", "sources")
    offset = max((abs(at.answer.get("offset", 0.0)) for at in seen.values()), default=0.0)
    return verdict(
        wrong,
        f"offset {offset * 1000:.1f} ms at most, all in {next(iter(zones.values()), UTC)}",
        doubtful=doubtful,
        evidence=tuple(at.evidence for at in seen.values()),
        hint=context.there(wrong or doubtful, *tell),
        value=round(offset, 6),
        unit="s",
    )


@dataclass(frozen=True)
class Looked:
    """What a host said of its clock, how many seconds it is ahead of this machine, and the evidence."""

    answer: dict[str, Any]
    ahead: float
    evidence: Evidence


def _look(context: CheckContext, host: str) -> Looked:
    began = time.time()
    answer, evidence = context.ask(host, probes.clock)
    return Looked(answer, answer["time"] - (began + time.time()) / 2, evidence)


def judged(host: str, answer: dict[str, Any], *, follows: bool) -> list[str]:
    """Return all that is to be said against one clock, wrong or worth a look."""
    return [*judge(host, answer, follows=follows), *judge_alone(host, answer)]


def judge(host: str, answer: dict[str, Any], *, follows: bool) -> list[str]:
    """Return what is wrong with one clock; one that has nobody to follow is its own master."""
    if "error" in answer:
        return [f"{host}: chronyd does not answer: {answer['error']}"]
    wrong = [
        f"{host}: {name} pulls at the clock beside chronyd" for name in answer.get("others", ())
    ]
    alone = answer["reference"] in OWN_CLOCK
    sources = answer.get("sources", {})
    if answer["leap"] == "Not synchronised" and follows:
        asked = ", ".join(f"{name} answered {n} of 8" for name, n in sources.items())
        wrong.append(f"{host} follows no time server ({asked or 'it has none to ask'})")
    elif not alone and sources and not any(sources.values()):
        wrong.append(f"{host} hears none of its time servers any more: {', '.join(sources)}")
    elif not alone and abs(answer["offset"]) > LIMIT:
        wrong.append(f"{host} is {answer['offset']:+.3f} s off {answer['reference']}")
    return wrong


def judge_apart(ahead: Mapping[str, float]) -> list[str]:
    """Return that clocks are apart, by how many seconds each host's is ahead of this machine's."""
    spread = max(ahead.values()) - min(ahead.values()) if ahead else 0.0
    return [f"the hosts' clocks are {spread:.1f} s apart"] if spread > APART else []


def judge_alone(host: str, answer: dict[str, Any]) -> list[str]:
    """Return that a host was given time servers and goes by its own clock, for none answers."""
    sources = answer.get("sources", {})
    if answer.get("reference") not in OWN_CLOCK or not sources or any(sources.values()):
        return []
    return [f"{host} goes by its own clock: none of {', '.join(sources)} answers"]


def judge_zones(zones: Mapping[str, str]) -> list[str]:
    """Return the hosts that are not in UTC, where the hosts are not all in one zone.

    gureum's own units log in UTC wherever they run. What the distribution ships writes the time of
    its host: in one zone that can be read, in several it cannot.
    """
    if len(set(zones.values())) < 2:
        return []
    others = [(host, zone) for host, zone in zones.items() if zone != UTC]
    return [f"{host} keeps {zone}: its logs say other times than the rest" for host, zone in others]


CHECK = Check(
    id="hosts.clocks_agree",
    title="clocks agree",
    proves="Every host's clock is within 0.1 s of its time source and the hosts' clocks agree, as "
    "measured and not as a running daemon promises: tokens and agent heartbeats carry times. Hosts in "
    "different time zones are a warning, for their logs could not be laid side by side.",
    run=run,
    requirement="R-PREP-6",
)
