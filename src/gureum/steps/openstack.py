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

    Passwords are compared by a mark of the server's own hash of them: plans and journals show it.
    """

    kind: ClassVar[str] = "databases"
    databases: Mapping[str, tuple[str, Secret]]

    def expected(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        for name, (user, password) in self.databases.items():
            wanted[f"database:{name}"] = True
            wanted[f"grant:{name}"] = user
            wanted[f"user:{user}"] = mark(native_password_hash(password))
        return wanted

    def title(self) -> str:
        return ", ".join(self.databases)


def native_password_hash(password: Secret) -> str:
    """Return the hash that MariaDB's mysql_native_password keeps of a password."""
    inner = hashlib.sha1(password.reveal().encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()


def mark(password_hash: str) -> str:
    """Return what tells two password hashes apart and is of no use to log in with."""
    return "password " + hashlib.sha256(password_hash.encode()).hexdigest()[:8]


@dataclass(frozen=True, kw_only=True)
class SchemaSynced(State):
    """Each database has the alembic revisions `heads` names; `commands`, as `user`, bring it there.

    MariaDB cannot roll back DDL. A sync of empty databases that was cut off half way is therefore
    begun again from empty databases; one of databases with data never is. Empty databases are
    filled from the dumps in `rehearsed` where these are of the same revisions.
    """

    kind: ClassVar[str] = "schema"
    rehearsed: str
    heads: Mapping[str, frozenset[str]]
    commands: tuple[tuple[str, ...], ...]
    user: str

    def expected(self) -> dict[str, Any]:
        return {name: sorted(heads) for name, heads in self.heads.items()}

    def title(self) -> str:
        return ", ".join(self.heads)


@dataclass(frozen=True, kw_only=True)
class SchemasRehearsed(State):
    """The tables of a release were made once, on a server of their own, and dumped to `folder`.

    Most of a sync is Python imports and a long row of migrations. An image that many clouds start
    from holds the outcome; an empty database is then filled from it in a fraction of the time.
    `databases` maps each database to its revisions, `commands` are (command, environment variable
    -> database).
    """

    kind: ClassVar[str] = "rehearsal"
    folder: str
    databases: Mapping[str, frozenset[str]]
    commands: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...]

    def expected(self) -> dict[str, Any]:
        return {name: sorted(heads) for name, heads in self.databases.items()}

    def title(self) -> str:
        return self.folder


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


@dataclass(frozen=True, kw_only=True)
class QueueUsersPresent(State):
    """RabbitMQ's users have these passwords, tags and virtual hosts, and rights in no other.

    `users` maps a name to (salted hash of its password, tags, virtual hosts); `definitions` is the
    file that brings them about. Read by the management API as its user `admin`.
    """

    kind: ClassVar[str] = "queue_users"
    address: str
    port: int
    admin: str
    password: Secret
    users: Mapping[str, tuple[Secret, tuple[str, ...], tuple[str, ...]]]
    definitions: str

    def spec(self) -> dict[str, Any]:
        # The server's own hashes are compared by their marks: the host needs none of them.
        users = {name: {"vhosts": list(vhosts)} for name, (_, _, vhosts) in self.users.items()}
        return {**super().spec(), "users": users}

    def expected(self) -> dict[str, Any]:
        return {
            name: {
                "password": mark(hashed.reveal()),
                "tags": sorted(tags),
                "vhosts": sorted(vhosts),
            }
            for name, (hashed, tags, vhosts) in self.users.items()
        }

    def title(self) -> str:
        return ", ".join(self.users)


@dataclass(frozen=True, kw_only=True)
class QueuesPresent(State):
    """Whoever reads these queues of a virtual host has made them: what is sent from now on is kept.

    Read by the management API as its user `admin`. `log` is where the reader tells why it does not.
    """

    kind: ClassVar[str] = "queues_present"
    address: str
    port: int
    admin: str
    password: Secret
    vhost: str
    queues: tuple[str, ...]
    log: str
    within: float = 100.0

    def expected(self) -> dict[str, Any]:
        return dict.fromkeys(self.queues, True)

    def title(self) -> str:
        return ", ".join(self.queues)


@dataclass(frozen=True, kw_only=True)
class ComputesReporting(State):
    """nova counts the nova-compute of each host as up; one that was restarted has reported since.

    Before that the scheduler may find no valid host for a VM. Read on a host with nova's database.
    """

    kind: ClassVar[str] = "nova_reports"
    hosts: tuple[str, ...]
    within: float = 100.0

    def expected(self) -> dict[str, Any]:
        return dict.fromkeys(self.hosts, True)

    def title(self) -> str:
        return ", ".join(self.hosts)


@dataclass(frozen=True, kw_only=True)
class AgentsReporting(State):
    """neutron counts these agents (`L3 agent of one`) as alive; those restarted have reported since.

    Before that no port on their hosts is bound. Read on a host with neutron's database.
    """

    kind: ClassVar[str] = "neutron_reports"
    agents: tuple[str, ...]
    within: float = 100.0

    def expected(self) -> dict[str, Any]:
        return dict.fromkeys(self.agents, True)

    def title(self) -> str:
        return ", ".join(self.agents)
