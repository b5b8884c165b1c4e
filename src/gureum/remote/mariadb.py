"""Asks the local MariaDB, as root over its socket."""

from __future__ import annotations

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import last_line, run

_CLIENT = ("mariadb", "--batch", "--skip-column-names", "--user=root")


def query(sql: str) -> list[list[str]] | None:
    """Return the rows of a query, None where the server does not answer or refuses it."""
    done = run(_CLIENT, stdin=sql)
    if done.exit:
        return None
    return [line.split("\t") for line in done.output.splitlines()]


def execute(sql: str, what: str) -> Evidence:
    """Run statements; the evidence says `what` they do and never the statements (passwords)."""
    done = run(_CLIENT, stdin=sql)
    evidence = {**done.evidence(), "command": ["mariadb", what]}
    if done.exit:
        raise Failure(f"mariadb, {what}: {last_line(done.output)}", [evidence])
    return evidence


def quoted(text: str) -> str:
    """Return a text as an SQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
