"""What a cloud must fulfil beyond the types of its keys: one function for each rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from gureum.diagnostics import did_you_mean
from gureum.model.bundle_rules import (
    bundle_is_an_address_or_a_folder,
    closed_lab_has_a_bundle,
)
from gureum.model.cloud import LEVELLED, Cloud, Connection, Driver, NetworkType, Role
from gureum.model.dashboard_rules import DASHBOARD_RULES
from gureum.model.image_rules import IMAGE_RULES
from gureum.model.nic_rules import NIC_RULES
from gureum.model.objects_rules import OBJECTS_RULES
from gureum.model.opening_rules import openings_can_be_made
from gureum.model.problem import KeyPath, Problem
from gureum.model.ssh_rules import SSH_RULES
from gureum.model.storage_rules import STORAGE_RULES

RELEASES = Path(__file__).parent.parent / "releases"
PROVIDER: KeyPath = ("networks", "provider")


def problems(cloud: Cloud) -> list[Problem]:
    """Return everything that `RULES` finds wrong with `cloud`."""
    return [problem for rule in RULES for problem in rule(cloud)]


def lacking(cloud: Cloud) -> list[Problem]:
    """Return what `cloud` still lacks where it is only begun: these of its problems are no mistakes."""
    return [problem for rule in UNFINISHED for problem in rule(cloud)]


def known_releases() -> list[str]:
    """Return the OpenStack releases that gureum has a lock and an option schema of."""
    return sorted(p.name for p in RELEASES.iterdir() if p.is_dir() and p.name[:1].isdigit())


def release_is_known(cloud: Cloud) -> Iterator[Problem]:
    known = known_releases()
    if cloud.release not in known:
        newest = f"take the newest: release: {known[-1]!r}" if known else ""
        yield Problem(
            ("release",),
            f"there is no OpenStack release {cloud.release!r} here",
            f"gureum builds {', '.join(known)}",
            did_you_mean(cloud.release, known) or newest,
        )


def every_needed_role_is_given(cloud: Cloud) -> Iterator[Problem]:
    for role in (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE):
        if not any(cloud.hosts_with(role)):
            name, host = next(iter(cloud.hosts.items()))
            roles = ", ".join((*host.roles, role))
            yield Problem(
                ("hosts",),
                f"no host has the role {role}",
                _NEED[role],
                f"e.g. hosts.{name}.roles: [{roles}]",
            )


_NEED = {
    Role.CONTROLLER: "the API, the database and the message queue run on a controller",
    Role.NETWORK: "routers, DHCP and floating IPs need a network host",
    Role.COMPUTE: "VMs run on compute hosts",
}


def roles_are_named_once(cloud: Cloud) -> Iterator[Problem]:
    for name, host in cloud.hosts.items():
        for role, count in Counter(host.roles).items():
            if count > 1:
                yield Problem(
                    ("hosts", name, "roles"),
                    f"hosts.{name}.roles names {role} {count} times",
                    hint="name it once",
                )


def only_one_controller_yet(cloud: Cloud) -> Iterator[Problem]:
    controllers = [name for name, _ in cloud.hosts_with(Role.CONTROLLER)]
    for name in controllers[1:]:
        yield Problem(
            ("hosts", name, "roles"),
            f"{name} would be a second controller, and redundant controllers are not supported yet",
            f"{controllers[0]} is one already",
            f"take the role controller from {name}",
        )


def hosts_are_reached_one_way(cloud: Cloud) -> Iterator[Problem]:
    ways = {host.connection for host in cloud.hosts.values()}
    first_name, first = next(iter(cloud.hosts.items()))
    if Connection.LAB not in ways or len(ways) == 1:
        return
    for name, host in cloud.hosts.items():
        if (host.connection is Connection.LAB) != (first.connection is Connection.LAB):
            yield Problem(
                ("hosts", name, "connection"),
                f"{name} is reached by {host.connection}, {first_name} by {first.connection}",
                "a lab is a network of its own on this machine: other hosts cannot be in it",
                f"let every host have connection: {first.connection}, or describe two clouds",
            )


def one_host_is_this_machine(cloud: Cloud) -> Iterator[Problem]:
    local = [name for name, host in cloud.hosts.items() if host.connection is Connection.LOCAL]
    for name in local[1:]:
        yield Problem(
            ("hosts", name, "connection"),
            f"{name} and {local[0]} are both this machine (connection: local)",
            hint=f"let {name} have connection: ssh and its address",
        )


def provider_subnet_is_given_outside_of_a_lab(cloud: Cloud) -> Iterator[Problem]:
    in_lab = all(host.connection is Connection.LAB for host in cloud.hosts.values())
    if not in_lab and cloud.networks.provider.cidr is None:
        yield Problem(
            PROVIDER if cloud.networks.provider.model_fields_set else ("networks",),
            "networks.provider.cidr is missing",
            "only a lab can pick a subnet for floating IPs by itself",
            "add the subnet, its gateway and the pool that floating IPs may use",
        )


def addresses_are_distinct(cloud: Cloud) -> Iterator[Problem]:
    owners: dict[IPv4Address, str] = {}
    for name, host in cloud.hosts.items():
        if host.address is None:
            continue
        if host.address in owners:
            yield Problem(
                ("hosts", name, "address"),
                f"{name} and {owners[host.address]} have one address, {host.address}",
                hint=f"correct the address of {name}",
            )
        owners.setdefault(host.address, name)


def addresses_are_on_the_management_network(cloud: Cloud) -> Iterator[Problem]:
    subnet = cloud.networks.management.cidr
    for name, host in cloud.hosts.items():
        if subnet and host.address and not _usable(host.address, subnet):
            yield Problem(
                ("hosts", name, "address"),
                f"{name} has the address {host.address}, outside of the management network",
                f"networks.management.cidr is {subnet}: {_span(subnet)}",
                "correct one of the two",
            )


def networks_do_not_overlap(cloud: Cloud) -> Iterator[Problem]:
    networks = cloud.networks
    subnets = {
        "management": networks.management.cidr,
        "tunnel": networks.tunnel.cidr,
        "provider": networks.provider.cidr,
    }
    known = [(name, subnet) for name, subnet in subnets.items() if subnet]
    for index, (name, subnet) in enumerate(known):
        for other, other_subnet in known[:index]:
            if subnet.overlaps(other_subnet):
                alone = "leave networks.tunnel.cidr out: tunnels then run over management"
                yield Problem(
                    ("networks", name, "cidr"),
                    f"the networks {other} and {name} overlap",
                    f"{other} is {other_subnet}, {name} is {subnet}",
                    alone if name == "tunnel" and subnet == other_subnet else "give each its own",
                )


def provider_addresses_fit_its_subnet(cloud: Cloud) -> Iterator[Problem]:
    provider = cloud.networks.provider
    subnet = provider.cidr
    if subnet is None:
        for key in ("gateway", "pool"):
            if getattr(provider, key) is not None:
                yield Problem(
                    (*PROVIDER, key),
                    f"networks.provider.{key} is given, its cidr is not",
                    "without a cidr a lab picks the subnet, and no address in it is known before",
                    f"add networks.provider.cidr, or leave {key} out",
                )
        return
    if provider.gateway and not _usable(provider.gateway, subnet):
        yield Problem(
            (*PROVIDER, "gateway"),
            f"the gateway {provider.gateway} is outside of the provider network",
            f"networks.provider.cidr is {subnet}: {_span(subnet)}",
            f"e.g. gateway: {subnet[1]}" if subnet.num_addresses > 2 else "correct one of the two",
        )
    for address in provider.pool or ():
        if not _usable(address, subnet):
            yield Problem(
                (*PROVIDER, "pool"),
                f"the pool's address {address} is outside of the provider network",
                f"networks.provider.cidr is {subnet}: {_span(subnet)}",
                "correct one of the two",
            )


def pool_is_a_range_of_its_own(cloud: Cloud) -> Iterator[Problem]:
    provider = cloud.networks.provider
    if provider.cidr and provider.pool is None and provider.cidr.prefixlen > 24:
        yield Problem(
            (*PROVIDER, "cidr"),
            f"the provider network {provider.cidr} needs a pool",
            "by default floating IPs are .100 to .250, which only a /24 or larger has",
            f"add networks.provider.pool, two addresses of {_span(provider.cidr)}",
        )
    if provider.pool is None or provider.cidr is None:
        return
    first, last = provider.pool
    gateway = provider.gateway or provider.cidr[min(1, provider.cidr.num_addresses - 1)]
    if first > last:
        yield Problem(
            (*PROVIDER, "pool"),
            f"the pool ends at {last}, before it begins at {first}",
            hint=f"pool: [{last}, {first}]",
        )
    elif first <= gateway <= last:
        yield Problem(
            (*PROVIDER, "pool"),
            f"the pool {first} to {last} holds the gateway, {gateway}",
            "a floating IP with the gateway's address would cut the network off",
            f"begin it behind the gateway, e.g. pool: [{gateway + 1}, {last}]"
            if gateway < last
            else "leave the gateway out of it",
        )


def networks_have_room(cloud: Cloud) -> Iterator[Problem]:
    networks = cloud.networks
    wanted: tuple[tuple[str, IPv4Network | None, int], ...] = (
        ("management", networks.management.cidr, len(cloud.hosts) + 1),
        ("tunnel", networks.tunnel.cidr, len(cloud.hosts)),
        ("provider", networks.provider.cidr, 3),
    )
    for name, subnet, needed in wanted:
        if subnet and subnet.num_addresses - 2 < needed:
            yield Problem(
                ("networks", name, "cidr"),
                f"the network {name} is too small: {subnet} has room for "
                f"{max(0, subnet.num_addresses - 2)} addresses",
                f"{needed} are needed at least",
                "take a larger one, e.g. a /24",
            )


def api_name_is_used_and_usable(cloud: Cloud) -> Iterator[Problem]:
    endpoints = cloud.endpoints
    if endpoints.name and endpoints.by == "address":
        yield Problem(
            ("endpoints", "name"),
            f"endpoints.name is {endpoints.name!r}, but endpoints go by address",
            hint="add endpoints.by: name, or leave the name out",
        )
    controllers = [name for name, _ in cloud.hosts_with(Role.CONTROLLER)]
    if endpoints.by == "name" and not endpoints.name and len(controllers) > 1:
        yield Problem(
            ("endpoints", "by"),
            "endpoints go by name, and no name is given",
            f"{len(controllers)} controllers answer together, so none of their names will do",
            "add endpoints.name, e.g. endpoints.name: api.cloud.example",
        )


def network_keys_fit_the_driver(cloud: Cloud) -> Iterator[Problem]:
    network = cloud.network
    if network.driver is Driver.OVN and network.firewall is not None:
        yield Problem(
            ("network", "firewall"),
            f"network.firewall is {network.firewall}, but the driver is ovn",
            "OVN makes security groups of its own flows, without another firewall",
            "leave network.firewall out, or take network.driver: ovs",
        )
    if network.driver is Driver.OVN and network.project_network_type is NetworkType.VXLAN:
        yield Problem(
            ("network", "project_network_type"),
            "project networks cannot be VXLAN with the driver ovn",
            "OVN tells both ends of a packet in Geneve's header, for which VXLAN has no room",
            "leave network.project_network_type out, or take network.driver: ovs",
        )
    if network.driver is Driver.OVS and network.distributed_floating_ips:
        yield Problem(
            ("network", "distributed_floating_ips"),
            "floating IPs cannot be distributed with the driver ovs",
            "its routers run in the L3 agents of network hosts; OVN's run on every host",
            "leave network.distributed_floating_ips out, or take network.driver: ovn",
        )


def levels_are_of_services_that_have_one(cloud: Cloud) -> Iterator[Problem]:
    for name in cloud.logging.services:
        if name not in LEVELLED:
            yield Problem(
                ("logging", "services", name),
                f"there is no level to set of {name!r}",
                f"those that have one are {', '.join(LEVELLED)}",
                did_you_mean(name, LEVELLED) or f"delete the key {name}",
            )


def syslog_servers_have_a_port(cloud: Cloud) -> Iterator[Problem]:
    for number, server in enumerate(cloud.logging.syslog):
        name, _, port = server.rpartition(":")
        if not re.fullmatch(r"[\w.-]+", name) or not port.isdigit() or not 0 < int(port) < 65536:
            yield Problem(
                ("logging", "syslog", number),
                f"{server!r} is no syslog server",
                "a server is a name or an IPv4 address, and the TCP port that it listens on",
                f"e.g. {(name or server).split('/')[-1] or 'logs.example.com'}:514",
            )


def _usable(address: IPv4Address, subnet: IPv4Network) -> bool:
    ends = (subnet.network_address, subnet.broadcast_address)
    return address in subnet and address not in ends


def _span(subnet: IPv4Network) -> str:
    return f"{subnet.network_address + 1} to {subnet.broadcast_address - 1}"


Rule = Callable[[Cloud], Iterator[Problem]]

UNFINISHED: tuple[Rule, ...] = (
    every_needed_role_is_given,
    provider_subnet_is_given_outside_of_a_lab,
)
"""Rules that a cloud breaks while its hosts are added one by one."""

RULES: tuple[Rule, ...] = (
    release_is_known,
    every_needed_role_is_given,
    roles_are_named_once,
    only_one_controller_yet,
    hosts_are_reached_one_way,
    one_host_is_this_machine,
    *SSH_RULES,
    *NIC_RULES,
    provider_subnet_is_given_outside_of_a_lab,
    addresses_are_distinct,
    addresses_are_on_the_management_network,
    networks_do_not_overlap,
    provider_addresses_fit_its_subnet,
    pool_is_a_range_of_its_own,
    networks_have_room,
    api_name_is_used_and_usable,
    network_keys_fit_the_driver,
    levels_are_of_services_that_have_one,
    syslog_servers_have_a_port,
    *DASHBOARD_RULES,
    bundle_is_an_address_or_a_folder,
    closed_lab_has_a_bundle,
    openings_can_be_made,
    *STORAGE_RULES,
    *OBJECTS_RULES,
    *IMAGE_RULES,
)
