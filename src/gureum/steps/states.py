"""The desired states that any host can have, named by the state, not by the deed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gureum.state.secrets import Secret
from gureum.steps.step import State


@dataclass(frozen=True, kw_only=True)
class FileWritten(State):
    """A file holds exactly this text. `hidden` files never show their contents in a diff."""

    kind: ClassVar[str] = "file"
    path: str
    content: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    hidden: bool = False

    def expected(self) -> dict[str, Any]:
        digest = hashlib.sha256(self.content.encode()).hexdigest()
        return {"sha256": digest, "owner": self.owner, "group": self.group, "mode": self.mode}

    def title(self) -> str:
        return self.path


@dataclass(frozen=True, kw_only=True)
class DirectoriesPresent(State):
    """Directories exist with this owner and mode: path -> (owner, group, mode)."""

    kind: ClassVar[str] = "directory"
    directories: Mapping[str, tuple[str, str, int]]

    def expected(self) -> dict[str, Any]:
        return {path: list(entry) for path, entry in self.directories.items()}


@dataclass(frozen=True, kw_only=True)
class PackagesInstalled(State):
    """Packages of the distribution are installed; the units they ship are not started by it.

    `bundle` names the bundle that they come from, and from nowhere else.
    """

    kind: ClassVar[str] = "packages"
    names: tuple[str, ...]
    bundle: str = ""

    def expected(self) -> dict[str, Any]:
        return {"missing": []}

    def title(self) -> str:
        return f"{len(self.names)} packages"


@dataclass(frozen=True, kw_only=True)
class VenvInstalled(State):
    """A virtual environment holds exactly what the lock (hash-checked requirements) names.

    `links` names modules of the distribution's Python (`libvirt`) that are linked into it. It is
    compiled to bytecode once, for services may not write into it, and carries no test packages.
    `bundle` names the bundle that wheels come from, and from nowhere else.
    """

    kind: ClassVar[str] = "venv"
    path: str
    lock: str
    uv_lock: str
    links: tuple[str, ...] = ()
    bundle: str = ""

    def expected(self) -> dict[str, Any]:
        digest = hashlib.sha256("\0".join((self.lock, *self.links)).encode()).hexdigest()
        return {"stamp": digest, "missing": []}

    def title(self) -> str:
        return self.path


@dataclass(frozen=True, kw_only=True)
class SystemUsersPresent(State):
    """System users exist, each with a home and its supplementary groups: name -> (home, groups)."""

    kind: ClassVar[str] = "users"
    users: Mapping[str, tuple[str, tuple[str, ...]]]

    def expected(self) -> dict[str, Any]:
        return {name: [home, sorted(groups)] for name, (home, groups) in self.users.items()}


@dataclass(frozen=True, kw_only=True)
class UnitActive(State):
    """A systemd unit runs, starts at boot, and is younger than every file it reads (`inputs`).

    Of an input that `unread` names (path -> patterns of `section.option`) it reads all other options
    only: where nothing but unread ones changed, it stays as it is. `ready_url` is polled after a start
    until it answers with an HTTP status below 500, within `ready_within` seconds. One that is started
    `at_once` does not wait for units that systemd would start before it: apply has its own order.
    """

    kind: ClassVar[str] = "unit"
    name: str
    inputs: tuple[str, ...] = ()
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enabled: bool = True
    oneshot: bool = False
    at_once: bool = False
    ready_url: str | None = None
    ready_port: tuple[str, int] | None = None
    ready_within: float = 90.0
    log_files: tuple[str, ...] = ()

    def expected(self) -> dict[str, Any]:
        return {"active": "active", "enabled": self.enabled, "stale_inputs": []}

    def title(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class NoRetiredUnits(State):
    """A host runs none of gureum's units but these; others that gureum started there are stopped.

    A host that loses a role keeps what the role left behind otherwise: agents that report, services
    that answer. Units that gureum did not start are not looked at.
    """

    kind: ClassVar[str] = "retired_units"
    units: tuple[str, ...]

    def expected(self) -> dict[str, Any]:
        return {"retired": [], "noted": sorted(self.units)}

    def title(self) -> str:
        return "only the units of its roles"


@dataclass(frozen=True, kw_only=True)
class CommandDone(State):
    """What only a command can do, with a command that tells whether it is done.

    `check` must exit 0 and print text that contains `want` (everything contains ""). `command` is
    run where it does not. Secrets go by `environment` or `stdin`, never by an argument. A `durable`
    command goes on as a transient unit if gureum is killed, and the next run waits for its end.
    """

    kind: ClassVar[str] = "command"
    check: tuple[str, ...]
    want: str = ""
    command: tuple[str, ...]
    user: str = "root"
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    stdin: str | Secret = ""
    durable: bool = False
    retry_for: float = 0.0

    def expected(self) -> dict[str, Any]:
        return {"done": True}

    def title(self) -> str:
        # A program that is given as text is no title.
        return " ".join("…" if "\n" in word else word for word in self.command[:4])


@dataclass(frozen=True, kw_only=True)
class HttpAnswers(State):
    """A URL answers with one of `statuses` within `within` seconds."""

    kind: ClassVar[str] = "http"
    url: str
    statuses: tuple[int, ...] = (200, 300)
    cafile: str | None = None
    within: float = 60.0

    def expected(self) -> dict[str, Any]:
        return {"answers": True}

    def title(self) -> str:
        return self.url
