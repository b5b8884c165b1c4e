"""State `databases`: databases exist, each open to its user with the right password."""

from __future__ import annotations

import hashlib
from typing import Any

from gureum.remote.failure import Evidence
from gureum.remote.mariadb import execute, query, quoted


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return `database:NAME` (bool), `grant:NAME` (user or None), `user:NAME` (mark)."""
    wanted = spec["databases"]
    rows = query(
        "SELECT 'database', SCHEMA_NAME, '' FROM information_schema.SCHEMATA "
        "UNION SELECT 'grant', REPLACE(Db, '\\\\', ''), User FROM mysql.db WHERE Host = '%' "
        "UNION SELECT 'user', User, JSON_VALUE(Priv, '$.authentication_string') "
        "FROM mysql.global_priv WHERE Host = '%'"
    )
    found = {(kind, name): value for kind, name, value in rows or []}
    reading: dict[str, Any] = {"_answers": rows is not None}
    for name, (user, _) in wanted.items():
        reading[f"database:{name}"] = ("database", name) in found
        reading[f"grant:{name}"] = found.get(("grant", name))
        reading[f"user:{user}"] = _mark(found.get(("user", user)))
    return reading


def _mark(password_hash: str | None) -> str | None:
    """Return what stands for a password's hash where people read it; None for no such user."""
    if password_hash is None:
        return None
    return "password " + hashlib.sha256(password_hash.encode()).hexdigest()[:8]


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Create what is missing and set every user's password; nothing is ever dropped."""
    statements = []
    for user, password in dict(spec["databases"].values()).items():
        account = f"{quoted(user)}@'%'"
        statements.append(f"CREATE USER IF NOT EXISTS {account};")
        statements.append(f"ALTER USER {account} IDENTIFIED BY {quoted(password)};")
    for name, (user, _) in spec["databases"].items():
        statements.append(f"CREATE DATABASE IF NOT EXISTS `{name}`;")
        statements.append(f"GRANT ALL PRIVILEGES ON `{name}`.* TO {quoted(user)}@'%';")
    return [execute("\n".join(statements), "create databases, users and grants")]
