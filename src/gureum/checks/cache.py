"""memcached answers and is used."""

from __future__ import annotations

from gureum.checks.check import Check, Evidence, Status, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.remote import probes


def run(context: CheckContext) -> Verdict:
    """Ask every memcached for its statistics."""
    wrong: list[str] = []
    evidence: list[Evidence] = []
    items = 0
    ports = [port for port in context.expected.ports if port.unit == "memcached"]
    if not ports:
        return Verdict(status=Status.SKIP, summary="no memcached is expected")
    for port in ports:
        stats, looked = context.ask(port.host, probes.memcached, port.address, port.port)
        evidence.append(looked)
        if "error" in stats or "uptime" not in stats:
            wrong.append(f"{port.host} {port.address}:{port.port}: {stats.get('error', 'silent')}")
        items += int(stats.get("curr_items", 0))
    return verdict(
        wrong,
        f"{items} tokens and lookups kept",
        evidence=tuple(evidence),
        hint=context.there(wrong, "systemctl", "status", "memcached"),
        value=items,
        unit="items",
    )


CHECK = Check(
    id="memcached.answers",
    title="cache answers",
    proves="Every memcached answers with its statistics: without it each API call is validated "
    "anew by keystone, or fails.",
    run=run,
    requirement="R-INFRA-3",
)
