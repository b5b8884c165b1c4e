"""What the cloud's hosts spend in memory, by unit."""

from __future__ import annotations

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.remote import probes

SHOWN = 12


def run(context: CheckContext) -> Verdict:
    """Sum the proportional set size of all processes of all hosts."""
    total = machines = 0.0
    evidence = []
    for host in context.hosts:
        by_unit, looked = context.ask(host, probes.memory)
        machines += by_unit.get(probes.MACHINES, 0) / 1024
        total += sum(by_unit.values()) / 1024
        evidence.append(
            Evidence(
                command="PSS of /proc/*/smaps_rollup by unit",
                host=host,
                output=largest(by_unit),
                seconds=looked.seconds,
            )
        )
    total -= machines
    beside = f" and {machines:.0f} MB for VMs" if machines else ""
    limit = context.memory_limit_mb
    doubtful = [f"{total:.0f} MB, more than {limit} MB"] if limit and total > limit else []
    return verdict(
        [],
        f"{total:.0f} MB{beside}",
        doubtful=doubtful,
        evidence=tuple(evidence),
        hint="gureum status",
        value=round(total, 1),
        unit="MB",
    )


def largest(by_unit: dict[str, int]) -> str:
    """Return the largest units, one a line, in MB."""
    ordered = sorted(by_unit.items(), key=lambda entry: -entry[1])
    lines = [f"{kb / 1024:7.0f} MB {unit}" for unit, kb in ordered[:SHOWN]]
    rest = sum(kb for _, kb in ordered[SHOWN:])
    return "\n".join([*lines, *([f"{rest / 1024:7.0f} MB all others"] if rest else [])])


CHECK = Check(
    id="hosts.memory_spent",
    title="memory spent",
    proves="How much memory (PSS, shared pages counted once) all processes of the hosts take, and "
    "which units the most; VMs are counted apart.",
    run=run,
)
