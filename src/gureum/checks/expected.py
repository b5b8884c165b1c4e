"""What is expected where: units, ports and databases, as plain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gureum.services.declaration import Declaration
from gureum.steps.network import OvsConfigured


@dataclass(frozen=True)
class ExpectedUnit:
    """A systemd unit that is to run on a host; a `oneshot` did its work once and ended."""

    name: str
    host: str
    oneshot: bool = False


@dataclass(frozen=True)
class ExpectedPort:
    """A port that a unit is to listen on."""

    host: str
    address: str
    port: int
    unit: str
    protocol: str = "tcp"


@dataclass(frozen=True)
class ExpectedDatabase:
    """A database on a host and the alembic revisions of its tables; none where unknown."""

    host: str
    name: str
    heads: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ExpectedBridge:
    """A bridge of Open vSwitch on a host, its datapath, and the ports plugged into it by gureum."""

    host: str
    name: str
    datapath: str
    ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected:
    """All that is expected of a cloud."""

    units: tuple[ExpectedUnit, ...] = ()
    ports: tuple[ExpectedPort, ...] = ()
    databases: tuple[ExpectedDatabase, ...] = ()
    bridges: tuple[ExpectedBridge, ...] = ()

    def hosts_of(self, unit: str) -> tuple[str, ...]:
        """Return the hosts that are to run a unit."""
        return tuple(u.host for u in self.units if u.name == unit)


def expected_of(declarations: Mapping[str, Sequence[Declaration]]) -> Expected:
    """Return what the declarations of each host promise, so that nothing is written down twice."""
    units, ports, databases, bridges = [], [], [], []
    for host, declared in declarations.items():
        for one in declared:
            units += [ExpectedUnit(u.name, host, u.oneshot) for u in one.units]
            ports += [
                ExpectedPort(host, p.address, p.number, p.unit, p.protocol) for p in one.ports
            ]
            heads = one.schema.heads if one.schema else {}
            databases += [
                ExpectedDatabase(host, d.name, heads.get(d.name, frozenset()))
                for d in one.databases
            ]
            bridges += [
                ExpectedBridge(host, name, datapath, tuple(filter(None, plugged)))
                for task in one.tasks
                if isinstance(task.state, OvsConfigured)
                for name, (datapath, _, plugged) in task.state.bridges.items()
            ]
    return Expected(tuple(units), tuple(ports), tuple(databases), tuple(bridges))
