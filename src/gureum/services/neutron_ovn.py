"""neutron's part of ML2/OVN: what of neutron there is with this driver only, and its options."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.model.cloud import Role
from gureum.services import openvswitch, ovn
from gureum.services.context import Context, options_in
from gureum.services.declaration import Declaration, Unit
from gureum.services.neutron_config import CONF, ML2, metadata_options
from gureum.services.neutron_units import daemon, rootwrap, rootwrap_command
from gureum.services.privsep import helper, sudoers
from gureum.steps.notice import NOBODY, Effect, Notice

_AGENT = "/etc/neutron/ovn_agent.ini"
_CENTRAL = ("ovn.unit.ovn-ovsdb-server-nb", "ovn.unit.ovn-ovsdb-server-sb")
_PRIVILEGED = {
    "privsep": (
        "neutron.privileged.default",
        "starting and ending processes of the agent that are not its own",
    ),
    "privsep_namespace": (
        "neutron.privileged.namespace_cmd",
        "making the network namespaces that metadata proxies live in",
    ),
    "privsep_link": (
        "neutron.privileged.link_cmd",
        "giving links and addresses to those namespaces",
    ),
    "privsep_ovs_vsctl": ("neutron.privileged.ovs_vsctl_cmd", "changing ports of Open vSwitch"),
}
"""Section -> the context whose helper it configures, and what that is for."""


def part(c: Context) -> Declaration:
    """Return what neutron has of this driver on a host."""
    controller, agent = c.has(Role.CONTROLLER), c.has(Role.COMPUTE, Role.NETWORK)
    return Declaration(
        service="neutron",
        packages=("haproxy", "iproute2") if agent else (),
        config_files=(
            (
                ConfigFile(
                    name="ovn_agent.ini",
                    path=_AGENT,
                    group="neutron",
                    schema="neutron-ovn-agent",
                    why="how the agent of this host reaches OVN, Open vSwitch and nova's metadata",
                ),
            )
            if agent
            else ()
        ),
        options=(
            *(_controller_options(c) if controller else ()),
            *(_agent_options(c) if agent else ()),
        ),
        files=(
            (
                rootwrap(c),
                sudoers(
                    c,
                    "neutron",
                    f"{CONF} --config-file {_AGENT}",
                    (context for context, _ in _PRIVILEGED.values()),
                    extra=(rootwrap_command(c),),
                ),
            )
            if agent
            else ()
        ),
        units=(*((_maintenance(c),) if controller else ()), *((_agent(c),) if agent else ())),
    )


def api_needs() -> tuple[str, ...]:
    """Return the steps that neutron's API needs with this driver."""
    return _CENTRAL


def _maintenance(c: Context) -> Unit:
    return daemon(
        c,
        "neutron-ovn-maintenance-worker",
        "OpenStack network: keeps OVN's databases in step with neutron's",
        (CONF, ML2),
        needs=("neutron.unit.neutron-api",),
        notice=NOBODY,
    )


def _agent(c: Context) -> Unit:
    return daemon(
        c,
        "neutron-ovn-agent",
        "OpenStack network: metadata for the VMs of this host",
        (CONF, _AGENT),
        needs=("ovn.unit.ovn-controller", "ovn.chassis"),
        notice=Notice(
            says="a VM that is new on this host waits for its metadata",
            seconds=12,
            effect=Effect.LATER,
        ),
        escalates=True,
        filtered=c.facts.filters_beside_sudo,
        shares_mounts=True,
        hardened=False,
        kill_mode="process",
    )


def _controller_options(c: Context) -> Iterator[Option]:
    main = options_in("neutron.conf", "neutron")
    yield main(
        "DEFAULT",
        "service_plugins",
        ("ovn-router",),
        "routers and floating IPs are OVN's own, without an agent",
    )
    yield main("DEFAULT", "rpc_workers", 0, "OVN needs no agent RPC: hosts follow its databases")
    conf = options_in("ml2_conf.ini", "neutron")
    yield conf(
        "ml2",
        "type_drivers",
        ("flat", "vlan", "geneve"),
        "flat and vlan for provider networks, geneve for tunnels of project networks: no others",
    )
    yield conf(
        "ml2",
        "project_network_types",
        ("geneve",),
        "networks between VMs are tunnels between hosts: no switch outside has to know them",
    )
    yield conf(
        "ml2",
        "mechanism_drivers",
        ("ovn",),
        "OVN wires ports without agents for switching, routing or DHCP that could lag behind",
    )
    yield conf(
        "ml2_type_geneve",
        "vni_ranges",
        ("1:65536",),
        "each tunnelled network takes one number of these; by default there are none to take",
    )
    yield conf(
        "ml2_type_geneve",
        "max_header_size",
        38,
        "OVN adds 8 bytes to the Geneve header, which neutron must take off the MTU that VMs get",
    )
    if c.cloud.network.dns_servers:
        yield conf(
            "ovn",
            "dns_servers",
            tuple(str(a) for a in c.cloud.network.dns_servers),
            "VMs get these by DHCP where their subnet names none (cloud.yaml: network.dns_servers)",
        )
    yield from _ovn_options(c, "ml2_conf.ini")
    yield conf(
        "ovn",
        "ovn_metadata_enabled",
        True,
        "the agent on each host serves metadata, so VMs need no config drive",
    )
    yield conf(
        "ovn",
        "enable_distributed_floating_ip",
        c.cloud.network.distributed_floating_ips,
        "floating IPs leave at the compute host of their VM, without the way through a network host"
        if c.cloud.network.distributed_floating_ips
        else "floating IPs leave through network hosts, the only ones that need the provider NIC",
    )


def _ovn_options(c: Context, file: str) -> Iterator[Option]:
    conf = options_in(file, "neutron")
    yield conf(
        "ovn",
        "ovn_nb_connection",
        (ovn.connection(c, 6641),),
        "OVN's northbound database on the controllers: the networks that neutron wants",
    )
    yield conf(
        "ovn",
        "ovn_sb_connection",
        (ovn.connection(c, 6642),),
        "OVN's southbound database on the controllers: which hosts live, where ports are",
    )


def _agent_options(c: Context) -> Iterator[Option]:
    """Yield the options of the agent of a network or compute host."""
    conf = options_in("ovn_agent.ini", "neutron")
    yield from _ovn_options(c, "ovn_agent.ini")
    yield conf(
        "agent",
        "extensions",
        ("metadata",),
        "this one agent of a host serves metadata, so that no agent for metadata alone is needed",
    )
    yield conf(
        "ovs",
        "ovsdb_connection",
        openvswitch.OVSDB,
        "Open vSwitch is reached by its local socket, which only its group may use; the default is an "
        "open TCP port",
    )
    yield from metadata_options(c, "ovn_agent.ini", threads=1)
    for section, (_, what) in _PRIVILEGED.items():
        yield conf(
            section,
            "helper_command",
            f"{helper(c, CONF)} --config-file {_AGENT}",
            f"{what} takes root: sudo lets neutron start this helper with rights for that, nothing else",
        )
