"""What a host said of itself, turned into what services ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gureum.errors import HostError
from gureum.model.cloud import Cloud
from gureum.operate.nics import resolve
from gureum.services.context import HostFacts


def host_facts(cloud: Cloud, host: str, raw: Mapping[str, Any]) -> HostFacts:
    """Return the facts of one host; raises HostError where a network lacks a NIC, or has several."""
    nics = resolve(cloud, host, raw)
    for problem in nics.problems:
        raise HostError(f"{host}: {problem.summary}", detail=problem.detail, hint=problem.hint)
    tunnel = nics.device("tunnel")
    return HostFacts(
        cpus=raw["cpus"],
        memory_mb=raw["memory_mb"],
        kvm=bool(raw["kvm"]["works"]),
        ovs_kernel=raw["openvswitch"] != "absent",
        container=bool(raw.get("container")),
        os=raw["os"]["id"],
        os_version=raw["os"]["version"],
        mtu=nics.mtu("management"),
        provider_nic=nics.device("provider"),
        # Without a NIC of its own the provider network leads out by the management NIC.
        provider_mtu=nics.mtu("management" if cloud.hosts[host].routes_provider else "provider"),
        management_nic=nics.device("management"),
        tunnel_nic=tunnel,
        tunnel_address=nics.tunnel_address,
        tunnel_mtu=nics.mtu("tunnel" if tunnel else "management"),
        cloud_init=bool(raw.get("cloud_init")),
        ssh_ports=tuple(sorted(set(_ssh_ports(raw.get("ports", ()))))),
    )


def _ssh_ports(listeners: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """Yield the ports of the host's SSH server; what a login listens on for itself is none."""
    for one in listeners:
        ours = one["unit"] in ("ssh.service", "sshd.service", "ssh.socket", "sshd.socket")
        if ours and one["protocol"] == "tcp":
            yield one["port"]
