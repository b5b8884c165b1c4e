"""What one service declares for one host: everything about it, as data.

A service is a module of this package with a function `declare(context) -> Declaration | None` (None
where the host's roles do not call for it). The function is pure: it computes values from the
context and touches nothing. `gureum.plan.build` turns the declarations of a host into steps;
checks, `status` and `endpoints` read the same data, so nothing is written down twice.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from gureum.config.setting import ConfigFile, Option
from gureum.state.secrets import Secret
from gureum.steps.notice import Notice
from gureum.steps.step import Phase, State


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A file that has a format of its own and is written whole, with the reason it exists."""

    path: str
    content: str
    why: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    hidden: bool = False


class LogForm(enum.Enum):
    """How a program writes the lines of its log file."""

    COMMON = "common"
    """As `services/log_lines.py` has it, which gureum sets wherever that can be set."""
    OVS = "ovs"
    """Open vSwitch's own: time, number, module, level and text between bars."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A systemd unit of a service.

    `unread` names options (`section.option`, with `*`) of a file in `reads` that the unit does not
    read, by path: a change of these alone does not restart it.

    `notice` says who notices that it restarts.
    `command` empty means the distribution ships the unit; `drop_in` then holds lines for it, as
    section -> lines, and `drop_in_why` their reason. `after` are units that it starts after at
    boot. `reads` are the paths whose change restarts it; of `rereads` it notices a change by
    itself. `needs` are step ids (on the same host, or keys of other hosts) that must be done before
    it starts. `escalates` marks a unit that starts privsep helpers through sudo and so cannot run
    with NoNewPrivileges; `hosts_own` marks a unit of the
    system that gureum only sets, and that outlives all that gureum does there.
    `filtered` is false where systemd would set that along with any filter of
    system calls. `opens_disks` marks a unit that reads and writes block devices, and so sees the host's
    own. `shares_mounts` marks a unit that makes network namespaces: these are mounts, which
    only a unit without mounts of its own shows to others. What a unit writes to `log_file` it does
    not write to the journal as well, for each line is gathered once. `printed` is the file that
    its output goes to where the distribution sends that to a file and not to the journal.
    """

    name: str
    description: str
    user: str
    notice: Notice
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    rereads: tuple[str, ...] = ()
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    drop_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop_in_why: str = ""
    service_lines: tuple[str, ...] = ()
    escalates: bool = False
    filtered: bool = True
    shares_mounts: bool = False
    opens_disks: bool = False
    hardened: bool = True
    notify: bool = False
    kill_mode: str = ""
    writes: tuple[str, ...] = ()
    log_file: str = ""
    log_form: LogForm = LogForm.COMMON
    printed: str = ""
    ready_url: str | None = None
    ready_port: tuple[str, int] | None = None
    ready_within: float = 90.0
    oneshot: bool = False
    hosts_own: bool = False

    def reads_option(self, path: str, section: str, name: str) -> bool:
        """Tell whether the unit reads this option of a config file."""
        unread = self.unread.get(path, ())
        address = f"{section}.{name}"
        return path in self.reads and not any(fnmatchcase(address, p) for p in unread)

    @property
    def lasts(self) -> bool:
        """Tell whether it is a service that runs all the time, not a socket or a deed."""
        return "." not in self.name and not self.oneshot

    @property
    def shipped(self) -> bool:
        """Tell whether the distribution ships the unit."""
        return not self.command


@dataclass(frozen=True, kw_only=True)
class Database:
    """A database and the user that it is open to."""

    name: str
    user: str
    password: Secret


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The tables of one or more databases that come to be together.

    `heads` gives each database's alembic revisions when it is up to date; `commands` bring all of
    them there, run one after another as the service's user. `needs` are step ids. `rehearsal` is
    the command that makes the same tables without any config file, told the databases' URLs by the
    environment variables that `connections` maps to database names.
    """

    heads: Mapping[str, frozenset[str]]
    commands: tuple[tuple[str, ...], ...]
    needs: tuple[str, ...] = ()
    rehearsal: tuple[str, ...] = ()
    connections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class QueueUser:
    """A RabbitMQ user with all rights in its own virtual host."""

    name: str
    password: Secret
    vhost: str
    tags: str = ""


@dataclass(frozen=True, kw_only=True)
class IdentityUser:
    """A user of a service in keystone, in the project `service`, and its keystone roles."""

    name: str
    password: Secret
    roles: tuple[str, ...] = ("service",)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A service of the catalogue and its URL, the same for public, internal and admin."""

    name: str
    type: str
    description: str
    url: str


@dataclass(frozen=True, kw_only=True)
class WebPage:
    """A page for people that is no endpoint of the catalogue, and its URL."""

    name: str
    url: str


class OpenTo(enum.Enum):
    """Who may come to a port from outside of its host."""

    NOBODY = "nobody"
    CONTROLLERS = "controllers"
    COMPUTES = "compute hosts"
    STORES = "controllers and storage hosts"
    TUNNELS = "hosts with tunnels"
    CLOUD = "hosts of the cloud"
    EVERYONE = "everyone"


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that a service listens on, by whom, what for, and who may come to it.

    One on a loopback address is open to nobody, whatever `open_to` says.
    """

    number: int
    address: str
    unit: str
    purpose: str
    protocol: str = "tcp"
    open_to: OpenTo = OpenTo.CLOUD


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Ports that no unit listens on all the time, from `first` to `last`, and who may come to them."""

    first: int
    last: int
    purpose: str
    open_to: OpenTo
    protocol: str = "tcp"


@dataclass(frozen=True, kw_only=True)
class Proxied:
    """A backend that HAProxy serves to the outside with TLS, to whom `open_to` says.

    `headers` go out with every answer. What lies at a path that matches `lasting` never changes:
    browsers are told to keep it. Answers of the types in `compressed` are compressed on their way. A
    `page` is for people, and no API waits for it.
    """

    name: str
    port: int
    backend: tuple[str, int]
    headers: Mapping[str, str] = field(default_factory=dict)
    lasting: str = ""
    compressed: tuple[str, ...] = ()
    page: bool = False
    open_to: OpenTo = OpenTo.EVERYONE


@dataclass(frozen=True, kw_only=True)
class Task:
    """A state that fits no other list: its step id, the ids it needs first, and why it exists."""

    id: str
    state: State
    why: str
    needs: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()
    lock: str | None = None
    timeout: float = 300.0
    phase: Phase = Phase.DEPLOY


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """All of one service on one host."""

    service: str
    packages: tuple[str, ...] = ()
    users: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    directories: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    config_files: tuple[ConfigFile, ...] = ()
    options: tuple[Option, ...] = ()
    files: tuple[TextFile, ...] = ()
    units: tuple[Unit, ...] = ()
    databases: tuple[Database, ...] = ()
    schema: Schema | None = None
    identity_users: tuple[IdentityUser, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    pages: tuple[WebPage, ...] = ()
    ports: tuple[Port, ...] = ()
    openings: tuple[Opening, ...] = ()
    proxied: tuple[Proxied, ...] = ()
    tasks: tuple[Task, ...] = ()
