"""What a unit is made of, by the declarations alone: no host is asked (R-SVC-9)."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gureum.config.setting import Setting
from gureum.operate.known import Known
from gureum.operate.services.order import reach
from gureum.operate.services.selection import ChosenUnit, all_units
from gureum.plan.build import HostBlueprint
from gureum.plan.graph import Graph
from gureum.services.declaration import Declaration, Endpoint
from gureum.services.systemd import environment, unit_file
from gureum.state.secrets import Secret
from gureum.steps.notice import Notice

SERVERS = {"mariadb": "databases", "rabbitmq": "queues"}
"""Services that hold something of all others: shown with all of it."""


@dataclass(frozen=True, kw_only=True)
class OpenPort:
    """A port a unit is to listen on; `outside` is where HAProxy serves the same with TLS."""

    address: str
    number: int
    protocol: str
    purpose: str
    outside: str = ""


@dataclass(frozen=True, kw_only=True)
class Anatomy:
    """A unit on a host as it is to be.

    `reads` are the files whose change restarts it, `config_files` those of them that hold options;
    `needs` are units that run before it, `steps` what else is done before it starts, each with its
    reason. `databases` and `vhosts` are those that its config files lead to.
    """

    host: str
    service: str
    unit: str
    description: str
    user: str
    shipped: bool
    unit_file: str
    drop_in: str
    command: tuple[str, ...]
    environment: dict[str, str]
    reads: tuple[str, ...]
    config_files: tuple[str, ...]
    log_files: tuple[str, ...]
    ready: str
    ports: tuple[OpenPort, ...]
    endpoints: tuple[Endpoint, ...]
    databases: tuple[str, ...]
    vhosts: tuple[str, ...]
    needs: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    notice: Notice


def anatomies(cloud: Known, chosen: Sequence[ChosenUnit]) -> tuple[Anatomy, ...]:
    """Return the anatomy of each unit."""
    redact = cloud.blueprint.secrets.redactor()
    graph = Graph(cloud.blueprint.steps)
    units = {one.key: one for one in all_units(cloud)}
    reached = reach(graph, set(units))
    found = []
    for one in chosen:
        blueprint = cloud.blueprint.hosts[one.host]
        declared = next(d for d in blueprint.declarations if d.service == one.service)
        unit = one.unit
        own = unit_file(unit)
        named = {f.path for d in blueprint.declarations for f in d.config_files}
        found.append(
            Anatomy(
                host=one.host,
                service=one.service,
                unit=unit.name,
                description=unit.description,
                user=unit.user,
                shipped=unit.shipped,
                unit_file=own.path if own and not unit.shipped else "",
                drop_in=own.path if own and unit.shipped else "",
                command=tuple(redact(word) for word in unit.command),
                environment={n: redact(str(v)) for n, v in environment(unit).items()},
                reads=one.state.inputs,
                config_files=tuple(path for path in unit.reads if path in named),
                log_files=one.state.log_files,
                ready=_ready(one),
                ports=_ports(cloud, declared, one),
                endpoints=_endpoints(declared, one),
                databases=_databases(cloud, blueprint, one),
                vhosts=_vhosts(cloud, blueprint, one),
                needs=tuple(
                    _name(units[key], one) for key in graph.order if key in reached[one.key]
                ),
                steps=_steps(graph, one),
                notice=unit.notice,
            )
        )
    return tuple(found)


def _name(other: ChosenUnit, one: ChosenUnit) -> str:
    return other.unit.name if other.host == one.host else f"{other.unit.name} of {other.host}"


def _ready(one: ChosenUnit) -> str:
    if one.unit.ready_url:
        return f"{one.unit.ready_url} answers"
    if one.unit.ready_port:
        return "{}:{} takes connections".format(*one.unit.ready_port)
    return "its work is done" if one.unit.oneshot else "its process runs"


def _ports(cloud: Known, declared: Declaration, one: ChosenUnit) -> tuple[OpenPort, ...]:
    address = cloud.blueprint.contexts[one.host].address
    outside = {p.port: f"{address}:{p.port}" for p in declared.proxied if p.name == one.unit.name}
    return tuple(
        OpenPort(
            address=port.address,
            number=port.number,
            protocol=port.protocol,
            purpose=port.purpose,
            outside=outside.get(port.number, ""),
        )
        for port in declared.ports
        if port.unit == one.unit.name
    )


def _endpoints(declared: Declaration, one: ChosenUnit) -> tuple[Endpoint, ...]:
    """Return the endpoints of the catalogue that lead to this unit."""
    numbers = {p.port for p in declared.proxied if p.name == one.unit.name}
    return tuple(e for e in declared.endpoints if urllib.parse.urlsplit(e.url).port in numbers)


def _databases(cloud: Known, blueprint: HostBlueprint, one: ChosenUnit) -> tuple[str, ...]:
    declared = [
        d.name
        for h in cloud.blueprint.hosts.values()
        for one_of in h.declarations
        for d in one_of.databases
    ]
    if SERVERS.get(one.service) == "databases":
        return tuple(dict.fromkeys(declared))
    paths = {
        urllib.parse.urlsplit(url).path.strip("/")
        for url in _urls(blueprint, one)
        if url.startswith("mysql")
    }
    if not paths:
        return ()
    # nova finds its cells' databases by the first one: those are its service's too.
    own = [d.name for d in _declared(blueprint, one).databases]
    return tuple(name for name in dict.fromkeys(declared) if name in {*paths, *own})


def _vhosts(cloud: Known, blueprint: HostBlueprint, one: ChosenUnit) -> tuple[str, ...]:
    def of(urls: Iterator[str]) -> set[str]:
        return {url.rpartition("/")[2].split("?")[0] for url in urls if url.startswith("rabbit")}

    if SERVERS.get(one.service) == "queues":
        every = (u for u in all_units(cloud))
        return tuple(
            sorted({v for u in every for v in of(_urls(cloud.blueprint.hosts[u.host], u))})
        )
    return tuple(sorted(of(_urls(blueprint, one))))


def _declared(blueprint: HostBlueprint, one: ChosenUnit) -> Declaration:
    return next(d for d in blueprint.declarations if d.service == one.service)


def _urls(blueprint: HostBlueprint, one: ChosenUnit) -> Iterator[str]:
    """Yield the secret options of the files that a unit reads: URLs of databases and queues."""
    names = [name for name, file in blueprint.files.items() if file.path in one.unit.reads]
    for name in names:
        for section in blueprint.tree.files.get(name, {}).values():
            for setting in section.values():
                yield _text(setting)


def _text(setting: Setting) -> str:
    return setting.value.reveal() if isinstance(setting.value, Secret) else ""


def _steps(graph: Graph, one: ChosenUnit) -> tuple[tuple[str, str], ...]:
    """Return what is done right before the unit starts that is no file, package or unit."""
    plain = {"file", "directory", "packages", "venv", "users", "unit"}
    found = (graph.steps[key] for key in sorted(graph.before[one.key]))
    return tuple(
        (step.id if step.host == one.host else step.key, step.why)
        for step in found
        if step.state.kind not in plain and step.id != "base.hostname"
    )
