"""Turns what the services declare into steps: who waits for whom is decided here, once for all.

The order within a service is always the same: packages, user, directories, files, database and
queue, schema, units. What a declaration adds to it (`needs`) crosses services.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gureum.config.check import check
from gureum.config.merge import disagreement, settle
from gureum.config.render import render
from gureum.config.setting import ConfigFile, ConfigTree, Option
from gureum.diagnostics import Diagnostic, Severity
from gureum.errors import ConfigError
from gureum.services import declarations
from gureum.services.context import CA_FILE, Context
from gureum.services.declaration import Declaration, TextFile
from gureum.services.systemd import file_name, unit_file
from gureum.steps.notice import Notice
from gureum.steps.openstack import (
    DatabasesPresent,
    IdentityPopulated,
    SchemasRehearsed,
    SchemaSynced,
)
from gureum.steps.states import (
    DirectoriesPresent,
    FileWritten,
    NoRetiredUnits,
    PackagesInstalled,
    SystemUsersPresent,
    UnitActive,
    VenvInstalled,
)
from gureum.steps.step import Phase, State, Step


@dataclass(frozen=True)
class HostBlueprint:
    """Everything that one host is to become: declarations, merged options and steps."""

    host: str
    declarations: tuple[Declaration, ...]
    tree: ConfigTree
    files: dict[str, ConfigFile]
    steps: tuple[Step, ...]
    warnings: tuple[Diagnostic, ...]

    @property
    def install_steps(self) -> tuple[Step, ...]:
        """The steps whose result may be frozen into an image for many hosts."""
        return tuple(step for step in self.steps if step.phase is Phase.INSTALL)

    @property
    def shipped_units(self) -> list[str]:
        """The full names of the distribution's units that gureum configures and starts."""
        return [file_name(u) for d in self.declarations for u in d.units if u.shipped]


def build(
    c: Context,
    operator: Iterable[Option] = (),
    beside: Sequence[Diagnostic] = (),
    declared: tuple[Declaration, ...] | None = None,
) -> HostBlueprint:
    """Return the blueprint of the context's host.

    `beside` is what was found in the input already, `declared` what the catalogue declares for the
    host where that is at hand. Raises ConfigError with all of it where options
    disagree or do not fit the release's option schema, or where there is an error beside them.
    """
    declared = declarations(c) if declared is None else declared
    files = {file.name: file for d in declared for file in d.config_files}
    tree, conflicts = settle([*(option for d in declared for option in d.options), *operator])
    found = [*check(tree, files, c.release), *beside]
    if any(d.severity is Severity.ERROR for d in found):
        raise ConfigError("the configuration does not hold together", [*conflicts, *found])
    if conflicts:
        raise ConfigError(disagreement(conflicts), [*conflicts, *found])
    steps = tuple(_Builder(c, declared, tree, files).steps())
    return HostBlueprint(c.host, declared, tree, files, steps, tuple(found))


class _Builder:
    def __init__(
        self,
        c: Context,
        declared: Sequence[Declaration],
        tree: ConfigTree,
        files: dict[str, ConfigFile],
    ) -> None:
        self._c = c
        self._declared = declared
        self._tree = tree
        self._files = files
        self._paths: dict[str, str] = {}
        for d in declared:
            paths = [*(f.path for f in d.config_files), *(t.path for t in self._texts(d))]
            self._paths.update({path: f"{d.service}.file.{path}" for path in paths})

    def steps(self) -> Iterator[Step]:
        yield from self._install()
        for d in self._declared:
            yield from self._ground(d)
            yield from self._written(d)
            yield from self._schema(d)
            yield from self._units(d)
            yield from self._tasks(d)
        yield from self._retired()
        yield from self._cloud()

    def _install(self) -> Iterator[Step]:
        names = sorted({name for d in self._declared for name in d.packages})
        bundle = self._c.cloud.packages.bundle or ""
        yield self._step(
            "base.packages",
            PackagesInstalled(names=tuple(names), bundle=bundle),
            "everything below OpenStack comes from the distribution, whose security updates hold",
            phase=Phase.INSTALL,
            lock="apt",
            timeout=1800,
        )
        release = self._c.release
        yield self._step(
            "base.venv",
            VenvInstalled(
                path=release.venv, lock=release.lock, uv_lock=release.uv_lock, bundle=bundle
            ),
            f"OpenStack {release.name} exactly as its lock names it, beside any other release",
            phase=Phase.INSTALL,
            timeout=1800,
        )
        users = {name: entry for d in self._declared for name, entry in d.users.items()}
        yield self._step(
            "base.users",
            SystemUsersPresent(users=users),
            "each service runs under a user of its own",
            needs=("base.packages",),
            phase=Phase.INSTALL,
        )

        yield from self._rehearsal()

    def _rehearsal(self) -> Iterator[Step]:
        schemas = [d.schema for d in self._declared if d.schema is not None]
        if not schemas:
            return
        yield self._step(
            "base.schemas",
            SchemasRehearsed(
                folder=self._rehearsed,
                databases={name: heads for s in schemas for name, heads in s.heads.items()},
                commands=tuple((s.rehearsal, s.connections) for s in schemas),
            ),
            "the release's tables, made once and kept, so that a new cloud need not make them again",
            needs=("base.packages", "base.venv"),
            phase=Phase.INSTALL,
            timeout=900,
        )

    @property
    def _rehearsed(self) -> str:
        return f"/var/lib/gureum/schemas/{self._c.release.name}"

    def _ground(self, d: Declaration) -> Iterator[Step]:
        if d.directories:
            yield self._step(
                f"{d.service}.directories",
                DirectoriesPresent(directories=d.directories),
                f"folders of {d.service}, each with the owner and the rights that its users need",
                needs=("base.users",),
                service=d.service,
            )

    def _written(self, d: Declaration) -> Iterator[Step]:
        needs = [f"{d.service}.directories"] if d.directories else []
        for file in d.config_files:
            yield self._step(
                self._paths[file.path],
                FileWritten(
                    path=file.path,
                    content=render(self._tree, file, self._c.release),
                    owner=file.owner,
                    group=file.group,
                    mode=file.mode,
                ),
                file.why,
                needs=(*needs, "base.users"),
                service=d.service,
            )
        for text in self._texts(d):
            yield self._step(
                self._paths[text.path],
                FileWritten(
                    path=text.path,
                    content=text.content,
                    owner=text.owner,
                    group=text.group,
                    mode=text.mode,
                    hidden=text.hidden,
                ),
                text.why,
                needs=(*needs, "base.users"),
                service=d.service,
            )

    def _schema(self, d: Declaration) -> Iterator[Step]:
        if d.schema is None:
            return
        yield self._step(
            f"{d.service}.schema",
            SchemaSynced(
                rehearsed=self._rehearsed,
                heads=d.schema.heads,
                commands=d.schema.commands,
                user=d.service,
            ),
            f"{d.service}'s tables are those of release {self._c.release.name}",
            needs=(
                "mariadb.databases",
                "base.schemas",
                f"{d.service}.directories",
                *(self._paths[f.path] for f in d.config_files),
                *d.schema.needs,
            ),
            service=d.service,
            timeout=600,
        )

    def _units(self, d: Declaration) -> Iterator[Step]:
        for unit in d.units:
            own = unit_file(unit)
            reads = (*((own.path,) if own else ()), *unit.reads)
            inputs = reads if unit.shipped else (*reads, f"{self._c.release.venv}/.gureum-stamp")
            written = {self._paths[path] for path in reads if path in self._paths}
            reread = {self._paths[path] for path in unit.rereads if path in self._paths}
            # Of a file that it reads in part, the reading of the unit itself tells whether it matters.
            whole = {self._paths[p] for p in reads if p in self._paths and p not in unit.unread}
            watches = whole if unit.shipped else {*whole, "base.venv"}
            yield self._step(
                f"{d.service}.unit.{unit.name}",
                UnitActive(
                    name=file_name(unit),
                    inputs=inputs,
                    unread=unit.unread,
                    oneshot=unit.oneshot,
                    at_once=not unit.shipped,
                    ready_url=unit.ready_url,
                    ready_port=unit.ready_port,
                    ready_within=unit.ready_within,
                    log_files=tuple(filter(None, (unit.log_file, unit.printed))),
                ),
                unit.description,
                needs=(
                    *written,
                    *watches,
                    *reread,
                    "base.packages",
                    "base.hostname",
                    *((f"{d.service}.directories",) if d.directories else ()),
                    *((f"base.file.{CA_FILE}",) if not unit.shipped else ()),
                    *unit.needs,
                ),
                watches=tuple(watches),
                service=d.service,
                notice=unit.notice,
            )

    def _tasks(self, d: Declaration) -> Iterator[Step]:
        for task in d.tasks:
            yield self._step(
                task.id,
                task.state,
                task.why,
                needs=task.needs,
                watches=task.watches,
                service=d.service,
                lock=task.lock,
                timeout=task.timeout,
                phase=task.phase,
            )

    def _retired(self) -> Iterator[Step]:
        units = [(d, u) for d in self._declared for u in d.units]
        yield self._step(
            "base.retired",
            NoRetiredUnits(units=tuple(file_name(u) for _, u in units if not u.hosts_own)),
            "a host that lost a role no longer does that role's work, once its new work is done",
            needs=("base.directories", *(f"{d.service}.unit.{u.name}" for d, u in units)),
        )

    def _cloud(self) -> Iterator[Step]:
        """Yield what the first controller does once for the whole cloud."""
        c = self._c
        if not c.controllers or c.host != c.controllers[0]:
            return
        databases = {b.name: (b.user, b.password) for d in self._declared for b in d.databases}
        yield self._step(
            "mariadb.databases",
            DatabasesPresent(databases=databases),
            "a database and a user for each service, which sees no other's tables",
            needs=("mariadb.unit.mariadb",),
            service="mariadb",
        )
        yield self._step(
            "keystone.identity",
            IdentityPopulated(
                url=c.api(5000, "/v3"),
                cafile=CA_FILE,
                region=c.cloud.region,
                admin_password=c.secrets.password("keystone.admin"),
                users={
                    u.name: (u.password, u.roles) for d in self._declared for u in d.identity_users
                },
                services={
                    e.type: (e.name, e.description, e.url)
                    for d in self._declared
                    for e in d.endpoints
                },
            ),
            "services find each other in the catalogue and log in with passwords of their own",
            needs=(
                "keystone.bootstrap",
                "keystone.unit.keystone-api",
                "haproxy.unit.haproxy",
                f"base.file.{CA_FILE}",
            ),
            service="keystone",
        )

    @staticmethod
    def _texts(d: Declaration) -> tuple[TextFile, ...]:
        units: list[TextFile] = [f for unit in d.units if (f := unit_file(unit)) is not None]
        return (*d.files, *units)

    def _step(
        self,
        step_id: str,
        state: State,
        why: str,
        *,
        needs: Iterable[str] = (),
        watches: Iterable[str] = (),
        service: str = "base",
        phase: Phase = Phase.DEPLOY,
        lock: str | None = None,
        timeout: float = 300.0,
        notice: Notice | None = None,
    ) -> Step:
        return Step(
            id=step_id,
            host=self._c.host,
            state=state,
            why=why,
            service=service,
            phase=phase,
            needs=frozenset(self._key(n) for n in needs),
            watches=frozenset(self._key(w) for w in watches),
            lock=lock,
            timeout=timeout,
            notice=notice,
        )

    def _key(self, name: str) -> str:
        return name if name.split("/", 1)[0] in self._c.cloud.hosts else f"{self._c.host}/{name}"
