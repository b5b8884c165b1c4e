"""State `schema`: the tables of databases are at the release's alembic revisions."""

from __future__ import annotations

import os
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.mariadb import execute, query, quoted
from gureum.remote.process import last_line, run, tail
from gureum.remote.rehearsal import dumped

_FOLDER = "/var/lib/gureum/schema"


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return each database's revisions, sorted; None where it has none or cannot be read."""
    reading: dict[str, Any] = {}
    for name in spec["heads"]:
        rows = query(f"SELECT version_num FROM `{name}`.alembic_version")  # noqa: S608
        reading[name] = sorted(row[0] for row in rows) if rows else None
    return reading


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Sync the databases under a lock.

    The lock is held by the sync itself, which outlives a lost connection: a second run waits for
    it and then looks again. The mark of a sync from empty tells a half-made schema from old data.
    """
    os.makedirs(_FOLDER, exist_ok=True)
    name = next(iter(spec["heads"]))
    lock, mark = f"{_FOLDER}/{name}.lock", f"{_FOLDER}/{name}.from-empty"
    evidence: list[Evidence] = []
    wait = run(("flock", "--timeout", "240", lock, "true"))
    if wait.exit:
        raise Failure(
            f"another sync of {name} does not end", [wait.evidence()], hint=f"fuser -v {lock}"
        )
    if all(read(spec)[database] == sorted(heads) for database, heads in spec["heads"].items()):
        _forget(mark)
        return evidence
    if os.path.exists(mark):
        statements = [
            f"DROP DATABASE IF EXISTS `{n}`; CREATE DATABASE `{n}`;" for n in spec["heads"]
        ]
        evidence.append(execute("\n".join(statements), f"begin {name} again, its sync was cut off"))
    elif not any(_tables(database) for database in spec["heads"]):
        with open(mark, "w") as out:
            out.write("a sync from empty databases is under way\n")
    known = dumped(spec["rehearsed"])
    empty = not any(_tables(database) for database in spec["heads"])
    if empty and all(known.get(database) == sorted(h) for database, h in spec["heads"].items()):
        evidence += _load(list(spec["heads"]), spec["rehearsed"], lock)
        _forget(mark)
        return evidence
    for command in spec["commands"]:
        done = run(("flock", lock, *command), user=spec["user"])
        evidence.append({**done.evidence(), "command": list(command)})
        if done.exit:
            lines = tail(done.output).splitlines()[-12:]
            raise Failure(f"sync of {name}: {last_line(done.output)}", evidence, lines)
    _forget(mark)
    return evidence


_FILL = r"""
folder=$1; shift
revision='/^INSERT INTO `alembic_version`/,/;$/'
fill() {
    { sed "${revision}d" "$1" && sed -n "${revision}p" "$1"; } | mariadb --user=root "$2"
}
for name; do fill "$folder/$name.sql" "$name" & jobs="$jobs $!"; done
for job in $jobs; do wait "$job" || failed=1; done
exit ${failed:-0}
"""
"""Fills every database from its dump, its revision last: by that alone a full one is known, and a
dump is sorted by table names, where alembic_version comes first. A host may lose power half way."""


def _load(databases: list[str], folder: str, lock: str) -> list[Evidence]:
    """Fill databases from their dumps, all at once, in one process that holds the lock."""
    done = run(("flock", lock, "sh", "-c", _FILL, "fill", folder, *databases))
    evidence = {**done.evidence(), "command": ["mariadb", *databases, "<", f"{folder}/*.sql"]}
    if done.exit:
        raise Failure(f"{databases} could not be filled: {last_line(done.output)}", [evidence])
    return [evidence]


def _tables(database: str) -> int:
    rows = query(
        "SELECT COUNT(*) FROM information_schema.TABLES "  # noqa: S608
        f"WHERE TABLE_SCHEMA = {quoted(database)}"
    )
    return int(rows[0][0]) if rows else 0


def _forget(mark: str) -> None:
    if os.path.exists(mark):
        os.unlink(mark)
