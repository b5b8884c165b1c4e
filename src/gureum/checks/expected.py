"""What is expected where: units, ports and databases, as plain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gureum.services.declaration import Declaration


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
class Expected:
    """All that is expected of a cloud."""

    units: tuple[ExpectedUnit, ...] = ()
    ports: tuple[ExpectedPort, ...] = ()
    databases: tuple[ExpectedDatabase, ...] = ()

    def hosts_of(self, unit: str) -> tuple[str, ...]:
        """Return the hosts that are to run a unit."""
        return tuple(u.host for u in self.units if u.name == unit)


def expected_of(declarations: Mapping[str, Sequence[Declaration]]) -> Expected:
    """Return what the declarations of each host promise, so that nothing is written down twice."""
    units, ports, databases = [], [], []
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
    return Expected(tuple(units), tuple(ports), tuple(databases))
