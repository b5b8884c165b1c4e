"""How a cloud feels, as values: hosts, units, API, VMs, the last runs, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gureum.checks.ceph_words import Complaint
from gureum.diagnostics import Diagnostic, Severity


@dataclass(frozen=True, kw_only=True)
class UnitHealth:
    """A systemd unit: its state, since when (seconds since the epoch), restarts, memory (PSS)."""

    service: str
    name: str
    host: str
    state: str
    good: bool
    since: float | None = None
    restarts: int = 0
    pss_mb: float = 0.0


@dataclass(frozen=True, kw_only=True)
class HostHealth:
    """A host by its kernel's own numbers; `error` says why it could not be asked.

    `pss_mb` is what all its processes take, shared pages counted once; VMs (`vms_mb`) are apart.
    `shared` tells that it is a container: load and memory are then those of its whole machine.
    `unmounted` are disks of Swift that are not mounted.
    `offset` is what chronyd measures its clock to be off, in seconds, positive where it is behind;
    `clock` says what is wrong with it, and `ahead` how far it is ahead of this machine's.
    """

    name: str
    error: str = ""
    os: str = ""
    shared: bool = False
    up_since: float = 0.0
    load: tuple[float, ...] = ()
    cpus: int = 0
    memory_mb: int = 0
    memory_used_mb: int = 0
    pss_mb: float = 0.0
    vms_mb: float = 0.0
    disks: tuple[Mapping[str, Any], ...] = ()
    unmounted: tuple[str, ...] = ()
    offset: float | None = None
    clock: tuple[str, ...] = ()
    ahead: float | None = None


@dataclass(frozen=True, kw_only=True)
class HostContact:
    """What a host and the cloud know of each other.

    `up` is nova's word for its nova-compute and `reported` the last report (UNIX time); `closed` says
    why it takes no new VMs, `dead` names agents that neutron does not hear, `vms` counts those that
    nova has there. Of the host itself come `silent`, the controllers' addresses that it does not
    reach with what is there, and `running`, the VMs that run; None where it could not be asked.
    """

    host: str
    compute: bool = False
    up: bool = True
    reported: float | None = None
    closed: str = ""
    dead: tuple[tuple[str, float | None], ...] = ()
    vms: int = 0
    silent: tuple[tuple[str, str], ...] = ()
    running: int | None = None


@dataclass(frozen=True, kw_only=True)
class ApiHealth:
    """What an endpoint answered through TLS that leads to the cloud's CA; `days` to expiry."""

    service: str
    url: str
    status: int = 0
    milliseconds: int = 0
    error: str = ""
    tls: str = ""
    days: int | None = None


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """The last apply or verification: when (seconds since the epoch), and how it ended."""

    kind: str
    time: float
    good: bool
    outcome: str


@dataclass(frozen=True, kw_only=True)
class CephHealth:
    """The cloud's own Ceph: what there is of it `in_short`, and what is wrong with it."""

    in_short: str
    complaints: tuple[Complaint, ...] = ()

    @property
    def well(self) -> bool:
        """Whether its data can be used."""
        return not any(one.broken for one in self.complaints)


@dataclass(frozen=True, kw_only=True)
class CloudHealth:
    """All of one cloud; `vms` counts VMs by nova's status, None where nova could not be asked."""

    name: str
    time: float
    seconds: float
    hosts: tuple[HostHealth, ...]
    units: tuple[UnitHealth, ...]
    api: tuple[ApiHealth, ...]
    vms: Mapping[str, int] | None
    contacts: tuple[HostContact, ...]
    ceph: CephHealth | None
    runs: tuple[LastRun, ...]
    ca_days: int | None
    troubles: tuple[Diagnostic, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is down; warnings are worth a look and no more."""
        return not any(t.severity is Severity.ERROR for t in self.troubles)

    @property
    def pss_mb(self) -> float:
        """What the processes of all hosts take together, VMs apart."""
        return round(sum(host.pss_mb for host in self.hosts), 1)
