"""The services' databases exist and their tables are the release's."""

from __future__ import annotations

from typing import Any

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.expected import ExpectedDatabase
from gureum.remote import probes


def run(context: CheckContext) -> Verdict:
    """Compare each database's tables and revisions with what its service expects."""
    wrong: list[str] = []
    evidence: list[Evidence] = []
    wanted = context.expected.databases
    for host in dict.fromkeys(database.host for database in wanted):
        here = [database for database in wanted if database.host == host]
        found, looked = context.ask(host, probes.databases, [database.name for database in here])
        evidence.append(looked)
        if "error" in found:
            wrong.append(f"{host}: {found['error']}")
            continue
        wrong += [line for database in here for line in judge(database, found.get(database.name))]
    return verdict(
        wrong,
        f"{len(wanted)} databases at the release's revision",
        evidence=tuple(evidence),
        hint="gureum apply",
        value=len(wanted),
        unit="databases",
    )


def judge(wanted: ExpectedDatabase, found: dict[str, Any] | None) -> list[str]:
    """Return what is wrong with one database."""
    if found is None:
        return [f"{wanted.host}: no database {wanted.name}"]
    if not found["tables"]:
        return [f"{wanted.host}: database {wanted.name} has no tables"]
    heads = set(found["heads"])
    if wanted.heads and heads != wanted.heads:
        there = ", ".join(sorted(heads)) or "none"
        return [
            f"{wanted.host}: {wanted.name} is at revision {there}, "
            f"the release has {', '.join(sorted(wanted.heads))}"
        ]
    return []


CHECK = Check(
    id="mariadb.databases_synced",
    title="databases synced",
    proves="Every service's database exists in MariaDB, has its tables, and they are at the "
    "release's alembic revisions.",
    run=run,
)
