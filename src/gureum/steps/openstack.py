"""Desired states that belong to OpenStack: databases, schemas, keystone's catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gureum.state.secrets import Secret
from gureum.steps.step import State


@dataclass(frozen=True, kw_only=True)
class DatabasesPresent(State):
    """Databases exist, each open to its user with this password: database -> (user, password).

    Passwords are compared by the server's own hash of them.
    """

    kind: ClassVar[str] = "databases"
    databases: Mapping[str, tuple[str, Secret]]

    def expected(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        for name, (user, password) in self.databases.items():
            wanted[f"database:{name}"] = True
            wanted[f"grant:{name}"] = user
            wanted[f"user:{user}"] = native_password_hash(password)
        return wanted

    def title(self) -> str:
        return ", ".join(self.databases)


def native_password_hash(password: Secret) -> str:
    """Return the hash that MariaDB's mysql_native_password keeps of a password."""
    inner = hashlib.sha1(password.reveal().encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()


@dataclass(frozen=True, kw_only=True)
class SchemaSynced(State):
    """Each database has the alembic revisions `heads` names; `commands`, as `user`, bring it there.

    MariaDB cannot roll back DDL. A sync of empty databases that was cut off half way is therefore
    begun again from empty databases; one of databases with data never is.
    """

    kind: ClassVar[str] = "schema"
    heads: Mapping[str, frozenset[str]]
    commands: tuple[tuple[str, ...], ...]
    user: str

    def expected(self) -> dict[str, Any]:
        return {name: sorted(heads) for name, heads in self.heads.items()}

    def title(self) -> str:
        return ", ".join(self.heads)


@dataclass(frozen=True, kw_only=True)
class IdentityPopulated(State):
    """keystone knows the services, their users with working passwords, roles and endpoints.

    `users` maps a name to (password, keystone roles in the project `service`), `services` a type to
    (name, description, URL).
    """

    kind: ClassVar[str] = "identity"
    url: str
    cafile: str
    region: str
    admin_password: Secret
    users: Mapping[str, tuple[Secret, tuple[str, ...]]]
    services: Mapping[str, tuple[str, str, str]]

    def expected(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {"project:service": True}
        for name, (_, roles) in self.users.items():
            wanted[f"user:{name}"] = {"password": "works", "roles": sorted(roles)}
        for kind, (name, _, url) in self.services.items():
            wanted[f"service:{kind}"] = {"name": name, "endpoints": [url, url, url]}
        return wanted
