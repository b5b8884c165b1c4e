"""Options of neutron that the driver ovs needs, for controllers and for each of its agents."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import NetworkType, Role
from gureum.services import openvswitch
from gureum.services.context import Context, options_in
from gureum.services.neutron_config import CONF, metadata_options
from gureum.services.privsep import helper

AGENT = "/etc/neutron/openvswitch_agent.ini"
L3 = "/etc/neutron/l3_agent.ini"
DHCP = "/etc/neutron/dhcp_agent.ini"
METADATA = "/etc/neutron/metadata_agent.ini"
PRIVILEGED = {
    "privsep": ("neutron.privileged.default", "writing iptables rules, addresses and routes"),
    "privsep_namespace": (
        "neutron.privileged.namespace_cmd",
        "making the network namespaces of routers and DHCP servers",
    ),
    "privsep_link": (
        "neutron.privileged.link_cmd",
        "making links and moving them into namespaces",
    ),
    "privsep_ovs_vsctl": (
        "neutron.privileged.ovs_vsctl_cmd",
        "opening Open vSwitch's database to the agents",
    ),
    "privsep_conntrack": (
        "neutron.privileged.conntrack_cmd",
        "ending connections that a security group no longer lets through",
    ),
    "privsep_dhcp_release": (
        "neutron.privileged.dhcp_release_cmd",
        "taking back the lease of a VM that is gone",
    ),
}
"""Section -> the context whose helper it configures, and what that is for."""
_TUNNELS = tuple(str(kind) for kind in (NetworkType.VXLAN, NetworkType.GENEVE))


def controller_options(c: Context) -> Iterator[Option]:
    """Yield the options of neutron.conf and ml2_conf.ini for a controller."""
    conf = options_in("neutron.conf", "neutron")
    networks = len(tuple(c.cloud.hosts_with(Role.NETWORK)))
    yield conf(
        "DEFAULT",
        "service_plugins",
        ("router",),
        "routers and floating IPs are made by the L3 agents of network hosts",
    )
    yield conf(
        "DEFAULT",
        "rpc_workers",
        c.workers,
        "a process for each four cores answers the agents' questions, which wait for the database",
    )
    if networks > 1:
        yield conf(
            "DEFAULT",
            "dhcp_agents_per_network",
            2,
            "a second host answers requests for addresses while the first is away",
        )
        yield conf(
            "DEFAULT",
            "allow_automatic_l3agent_failover",
            True,
            "routers of a network host that is gone come up on another",
        )
    ml2 = options_in("ml2_conf.ini", "neutron")
    chosen = str(c.cloud.network.tunnels)
    yield ml2(
        "ml2",
        "type_drivers",
        ("flat", "vlan", *_TUNNELS),
        "flat and vlan for provider networks, and both kinds of tunnels: networks outlive a change of "
        "the kind that new ones get",
    )
    yield ml2(
        "ml2",
        "project_network_types",
        (chosen,),
        "networks between VMs are tunnels between hosts, which no switch outside has to know "
        "(cloud.yaml: network.project_network_type)",
    )
    yield ml2(
        "ml2",
        "mechanism_drivers",
        ("openvswitch", "l2population"),
        "agents wire the ports, and are told where each address is instead of asking by flooding tunnels",
    )
    for kind in _TUNNELS:
        yield ml2(
            f"ml2_type_{kind}",
            "vni_ranges",
            ("1:65536",),
            f"each {kind} network takes one number of these; by default there are none to take",
        )


def agent_options(c: Context) -> Iterator[Option]:
    """Yield the options of the agent of Open vSwitch; the L3 and DHCP agents read them too."""
    conf = options_in("openvswitch_agent.ini", "neutron")
    physical = c.cloud.networks.provider.physical_network
    yield conf(
        "ovs",
        "ovsdb_connection",
        openvswitch.OVSDB,
        "Open vSwitch is reached by its local socket, which only its group may use; the default is an "
        "open TCP port",
    )
    yield conf(
        "ovs",
        "datapath_type",
        openvswitch.datapath(c),
        "the kernel moves the packets of bridges"
        if c.facts.ovs_kernel
        else "the kernel has no openvswitch: a process moves the packets of all bridges, of which none "
        "may be of the other kind",
    )
    yield conf(
        "ovs",
        "local_ip",
        c.tunnel_address,
        "other hosts send their tunnels to this address; without it the agent makes no tunnels",
    )
    if c.facts.provider_nic or c.routes_provider:
        yield conf(
            "ovs",
            "bridge_mappings",
            (f"{physical}:{openvswitch.PROVIDER}",),
            "the provider network is reached through this bridge, for floating IPs and for VMs right on it",
        )
    yield conf(
        "agent",
        "tunnel_types",
        _TUNNELS,
        "this host ends tunnels of both kinds; a port of another kind would not be bound here",
    )
    yield conf(
        "agent",
        "l2_population",
        True,
        "the agent is told behind which host each address is, and makes tunnels to these hosts only",
    )
    yield conf(
        "agent",
        "arp_responder",
        True,
        "a VM that asks for the MAC of another host's VM is answered here, not by all hosts",
    )
    yield conf(
        "securitygroup",
        "firewall_driver",
        "iptables_hybrid" if c.cloud.network.hybrid else "openvswitch",
        "iptables filters in a Linux bridge between each VM and br-int (cloud.yaml: network.firewall)"
        if c.cloud.network.hybrid
        else "flows of br-int filter, with its connection tracking (cloud.yaml: network.firewall)",
    )
    for section, (_, what) in PRIVILEGED.items():
        yield conf(
            section,
            "helper_command",
            f"{helper(c, CONF)} --config-file {AGENT}",
            f"{what} takes root: sudo lets neutron start this helper with rights for that, nothing else",
        )


def l3_options(c: Context) -> Iterator[Option]:
    """Yield the options of the L3 agent of a network host."""
    yield from _veth(c, "l3_agent.ini", "a router")


def dhcp_options(c: Context) -> Iterator[Option]:
    """Yield the options of the DHCP agent of a network host."""
    conf = options_in("dhcp_agent.ini", "neutron")
    yield from _veth(c, "dhcp_agent.ini", "a DHCP server")
    yield conf(
        "DEFAULT",
        "enable_isolated_metadata",
        True,
        "VMs of a network without a router get metadata too, from the namespace of their DHCP server",
    )
    if c.cloud.network.dns_servers:
        yield conf(
            "DEFAULT",
            "dnsmasq_dns_servers",
            tuple(str(a) for a in c.cloud.network.dns_servers),
            "VMs whose subnet names no name server ask its DHCP server, which passes their questions on "
            "to these (cloud.yaml: network.dns_servers)",
        )


def metadata_agent_options(c: Context) -> Iterator[Option]:
    """Yield the options of the metadata agent of a network host."""
    yield from metadata_options(c, "metadata_agent.ini", threads=4)


def _veth(c: Context, file: str, what: str) -> Iterator[Option]:
    if c.facts.ovs_kernel:
        return
    yield options_in(file, "neutron")(
        "DEFAULT",
        "ovs_use_veth",
        True,
        f"{what} stays connected over a restart of Open vSwitch, whose own ports end with its process "
        "where it switches in userspace; and its packets get their checksums",
    )
