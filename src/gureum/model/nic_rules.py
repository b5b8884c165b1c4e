"""Rules of hosts without a NIC on the provider network (R-PREP-3)."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.model.cloud import NO_NIC, Cloud, Role
from gureum.model.problem import Problem


def only_the_provider_network_can_do_without_a_nic(cloud: Cloud) -> Iterator[Problem]:
    for name, host in cloud.hosts.items():
        for network, nic in host.nics.items():
            if nic == NO_NIC and network != "provider":
                yield Problem(
                    ("hosts", name, "nics", network),
                    f"{name} cannot be without a NIC on the {network} network",
                    "only of the provider network can a host be the router instead of a member",
                    "name the NIC, or leave the key out",
                )


def floating_ips_have_one_way(cloud: Cloud) -> Iterator[Problem]:
    routers = [name for name, host in cloud.hosts.items() if host.routes_provider]
    if not routers:
        return
    path = ("hosts", routers[0], "nics", "provider")
    others = [name for name, _ in cloud.hosts_with(Role.NETWORK) if name != routers[0]]
    if others:
        yield Problem(
            path,
            f"{routers[0]} would be the provider network's router, and {', '.join(others)} lead there too",
            "a floating IP moves between network hosts, and could be reached through one of them only",
            f"plug a second NIC into {routers[0]}, or take the role network from {', '.join(others)}",
        )
    if cloud.network.distributed_floating_ips:
        yield Problem(
            path,
            f"floating IPs cannot leave where their VMs run and pass through {routers[0]} alone",
            "network.distributed_floating_ips is true",
            "leave one of the two out",
        )
    if cloud.networks.provider.cidr is None:
        yield Problem(
            path,
            f"{routers[0]} is to be the provider network's router, and the subnet is not told",
            "no NIC leads to such a network, so nobody can be asked for it",
            "add a subnet that is used nowhere else, e.g. networks.provider.cidr: 172.24.4.0/24",
        )


NIC_RULES = (only_the_provider_network_can_do_without_a_nic, floating_ips_have_one_way)
