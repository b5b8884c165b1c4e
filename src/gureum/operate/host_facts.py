"""`gureum host facts`: what hosts are and have, and which NIC was taken for which network, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gureum.operate.deployment import Deployment
from gureum.operate.host_check import Look
from gureum.operate.host_check.run import checked

NETWORKS = ("management", "tunnel", "provider")


@dataclass(frozen=True)
class NicFact:
    """A NIC of a host, the networks it was taken for, and why for each."""

    name: str
    mac: str
    mtu: int
    up: bool
    kind: str
    addresses: tuple[str, ...]
    networks: dict[str, str]


@dataclass(frozen=True)
class TakenHost:
    """What one host is and has; `error` tells why it did not say."""

    name: str
    where: str
    error: str = ""
    hint: str = ""
    hostname: str = ""
    os: str = ""
    kernel: str = ""
    python: str = ""
    arch: str = ""
    cpus: int = 0
    memory_mb: int = 0
    memory_free_mb: int = 0
    disks: tuple[dict[str, Any], ...] = ()
    cpu_flags: tuple[str, ...] = ()
    kvm: bool = False
    kvm_why: str = ""
    nested: str = ""
    openvswitch: str = ""
    container: bool = False
    offset_seconds: float = 0.0
    margin_seconds: float = 0.0
    nics: tuple[NicFact, ...] = ()
    unresolved: tuple[str, ...] = ()


def taken(deployment: Deployment, names: Sequence[str] = ()) -> list[TakenHost]:
    """Ask these hosts, by default all, and return what they said; raises as the check of hosts does."""
    found = checked(deployment, names)
    return [_host(look) for look in found.scene.looks.values()]


def _host(look: Look) -> TakenHost:
    if look.refused is not None:
        error = look.refused
        return TakenHost(look.host, look.where, error=error.meaning, hint=error.hint)
    said, rest = look.facts, look.grounds
    return TakenHost(
        name=look.host,
        where=look.where,
        hostname=said["hostname"],
        os=said["os"]["name"],
        kernel=said["kernel"],
        python=said["python"],
        arch=said["arch"],
        cpus=said["cpus"],
        memory_mb=said["memory_mb"],
        memory_free_mb=said["memory_free_mb"],
        disks=tuple({"path": path, **sizes} for path, sizes in rest["disks"].items()),
        cpu_flags=tuple(said["cpu_flags"]),
        kvm=bool(said["kvm"]["works"]),
        kvm_why=str(said["kvm"].get("why", "")),
        nested=rest["nested"],
        openvswitch=said["openvswitch"],
        container=bool(said.get("container")),
        offset_seconds=round(look.offset, 4),
        margin_seconds=round(look.margin, 4),
        nics=tuple(_nic(nic, look) for nic in said["nics"] if nic["name"] != "lo"),
        unresolved=tuple(problem.summary for problem in look.nics.problems),
    )


def _nic(nic: dict[str, Any], look: Look) -> NicFact:
    found = look.nics.found
    return NicFact(
        name=nic["name"],
        mac=nic["mac"],
        mtu=nic["mtu"],
        up=nic["up"],
        kind=nic["kind"],
        addresses=tuple(nic["ipv4"]),
        networks={
            n: found[n].why for n in NETWORKS if n in found and found[n].device == nic["name"]
        },
    )
