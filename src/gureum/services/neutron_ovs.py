"""neutron's part of ML2/Open vSwitch, the classic path: agents on every host that switches."""

from __future__ import annotations

from gureum.config.setting import ConfigFile
from gureum.model.cloud import Role
from gureum.services import openvswitch, rabbitmq
from gureum.services.context import Context
from gureum.services.declaration import Declaration, Task, TextFile, Unit
from gureum.services.neutron_config import CONF, ML2
from gureum.services.neutron_ovs_config import (
    AGENT,
    DHCP,
    L3,
    METADATA,
    PRIVILEGED,
    agent_options,
    controller_options,
    dhcp_options,
    l3_options,
    metadata_agent_options,
)
from gureum.services.neutron_units import daemon, rootwrap, rootwrap_command
from gureum.services.privsep import sudoers
from gureum.steps.notice import Effect, Notice
from gureum.steps.openstack import AgentsReporting, QueuesPresent
from gureum.steps.states import CommandDone

_BRIDGED = "/etc/sysctl.d/60-gureum-bridged.conf"
_MODULE = "/etc/modules-load.d/gureum-bridged.conf"
REPORTS = {
    "neutron-openvswitch-agent": "Open vSwitch agent",
    "neutron-l3-agent": "L3 agent",
    "neutron-dhcp-agent": "DHCP agent",
    "neutron-metadata-agent": "Metadata agent",
}
"""Unit -> what neutron calls the agent that it is."""
_SWITCH = "neutron-openvswitch-agent"
_LISTENS = "neutron.rpc_listens"
_SWITCHES = "neutron.switches_report"
_ON_NETWORK_HOSTS = ("neutron-l3-agent", "neutron-dhcp-agent", "neutron-metadata-agent")


def part(c: Context) -> Declaration:
    """Return what neutron has of this driver on a host."""
    controller, network = c.has(Role.CONTROLLER), c.has(Role.NETWORK)
    agent = network or c.has(Role.COMPUTE)
    return Declaration(
        service="neutron",
        packages=(
            *(("conntrack", "ipset", "iproute2", "iptables") if agent else ()),
            *(("dnsmasq-base", "dnsmasq-utils", "haproxy", "iputils-arping") if network else ()),
            *(("radvd",) if network else ()),
        ),
        config_files=(*(_agent_file() if agent else ()), *(_network_files() if network else ())),
        options=(
            *(controller_options(c) if controller else ()),
            *(agent_options(c) if agent else ()),
            *((*l3_options(c), *dhcp_options(c), *metadata_agent_options(c)) if network else ()),
        ),
        files=_agent_files(c) if agent else (),
        units=(
            *((_rpc_server(c),) if controller else ()),
            *((_switch_agent(c),) if agent else ()),
            *((_l3_agent(c), _dhcp_agent(c), _metadata_agent(c)) if network else ()),
        ),
        tasks=(
            *((_bridged(),) if agent and c.cloud.network.hybrid else ()),
            *(
                (_listens(c), _switches_report(c), _agents_report(c))
                if c.is_first_controller
                else ()
            ),
        ),
    )


def api_needs() -> tuple[str, ...]:
    """Return the steps that neutron's API needs with this driver."""
    return ()


def _agent_file() -> tuple[ConfigFile, ...]:
    return (
        ConfigFile(
            name="openvswitch_agent.ini",
            path=AGENT,
            group="neutron",
            schema="neutron-openvswitch-agent",
            why="how this host switches: its bridges, tunnels and firewall, and what agents may do as root",
        ),
    )


def _network_files() -> tuple[ConfigFile, ...]:
    return (
        ConfigFile(
            name="l3_agent.ini",
            path=L3,
            group="neutron",
            schema="neutron-l3-agent",
            why="how the routers and floating IPs of this network host are made",
        ),
        ConfigFile(
            name="dhcp_agent.ini",
            path=DHCP,
            group="neutron",
            schema="neutron-dhcp-agent",
            why="how VMs get their addresses from this network host",
        ),
        ConfigFile(
            name="metadata_agent.ini",
            path=METADATA,
            group="neutron",
            schema="neutron-metadata-agent",
            why="how requests of VMs for metadata get from their networks to nova",
        ),
    )


def _agent_files(c: Context) -> tuple[TextFile, ...]:
    bridged = (
        TextFile(
            path=_MODULE,
            content="br_netfilter\n",
            why="where it is a module, no one else loads what shows the packets of bridges to iptables",
        ),
        TextFile(
            path=_BRIDGED,
            content="net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\n",
            why="security groups are rules of iptables, which sees packets of bridges only with this",
        ),
    )
    return (
        rootwrap(c),
        sudoers(
            c,
            "neutron",
            f"{CONF} --config-file {AGENT}",
            (context for context, _ in PRIVILEGED.values()),
            extra=(rootwrap_command(c),),
        ),
        *(bridged if c.cloud.network.hybrid else ()),
    )


def _bridged() -> Task:
    read = ("cat", "/proc/sys/net/bridge/bridge-nf-call-iptables")
    return Task(
        id="neutron.bridged",
        state=CommandDone(
            check=read,
            want="1",
            command=("sh", "-c", 'modprobe br_netfilter; exec sysctl -q -p "$1"', "set", _BRIDGED),
        ),
        why="without it every packet passes the Linux bridge of a VM, whatever its security groups say",
        needs=(f"neutron.file.{_BRIDGED}", f"neutron.file.{_MODULE}"),
    )


def _rpc_server(c: Context) -> Unit:
    return daemon(
        c,
        "neutron-rpc-server",
        "OpenStack network: tells the agents of all hosts what to do, and hears from them",
        (CONF, ML2),
        needs=("neutron.schema", "rabbitmq.unit.rabbitmq-server"),
        notice=Notice(
            says="agents wait with changes of networks, and new VMs for their ports",
            seconds=6,
            effect=Effect.LATER,
        ),
    )


def _agent(
    c: Context, program: str, does: str, files: tuple[str, ...], notice: Notice, *needs: str
) -> Unit:
    return daemon(
        c,
        program,
        f"OpenStack network: {does}",
        files,
        after=("ovs-vswitchd.service",),
        needs=(openvswitch.SWITCH, c.central(_LISTENS), *needs),
        notice=notice,
        escalates=True,
        filtered=c.facts.filters_beside_sudo,
        shares_mounts=True,
        hardened=False,
        kill_mode="process",
    )


def _switch_agent(c: Context) -> Unit:
    says = "new VMs of this host wait for their network, and security groups change later"
    return _agent(
        c,
        "neutron-openvswitch-agent",
        "flows, tunnels and the firewall of this host",
        (CONF, AGENT),
        Notice(says=says, seconds=8, effect=Effect.LATER),
        *(("neutron.bridged",) if c.cloud.network.hybrid else ()),
        *openvswitch.tunnels_ready(c),
    )


def _in_namespaces(c: Context, program: str, does: str, file: str, says: str) -> Unit:
    """Return an agent whose ports are bound only where the switch of the host has reported."""
    notice = Notice(says=says, seconds=8, effect=Effect.LATER)
    return _agent(c, program, does, (CONF, AGENT, file), notice, c.central(_SWITCHES))


def _l3_agent(c: Context) -> Unit:
    return _in_namespaces(
        c,
        "neutron-l3-agent",
        "routers and floating IPs, each router in a namespace",
        L3,
        "changes to routers and floating IPs wait",
    )


def _dhcp_agent(c: Context) -> Unit:
    return _in_namespaces(
        c,
        "neutron-dhcp-agent",
        "addresses for VMs, each network's dnsmasq in a namespace",
        DHCP,
        "new VMs wait for their address",
    )


def _metadata_agent(c: Context) -> Unit:
    return daemon(
        c,
        "neutron-metadata-agent",
        "OpenStack network: passes requests of VMs for metadata on to nova",
        (CONF, METADATA),
        needs=(c.central(_LISTENS),),
        notice=Notice(says="VMs that boot wait for their metadata", seconds=6, effect=Effect.LATER),
    )


def _listens(c: Context) -> Task:
    """Return the wait for the queues that agents report to."""
    address, port = rabbitmq.MANAGEMENT
    return Task(
        id=_LISTENS,
        state=QueuesPresent(
            address=address,
            port=port,
            admin=rabbitmq.ADMIN,
            password=c.secrets.password(rabbitmq.ADMIN_SECRET),
            vhost="neutron",
            queues=("q-plugin", "q-l3-plugin", "q-reports-plugin"),
            log="/var/log/neutron/neutron-rpc-server.log",
        ),
        why="what an agent says before somebody listens is lost, and it waits a minute for the answer",
        needs=("neutron.unit.neutron-rpc-server",),
    )


def _switches_report(c: Context) -> Task:
    """Return the wait for the agents that routers and DHCP servers need beside them."""
    return _report(
        _SWITCHES,
        "neutron binds the ports of a router or DHCP server that comes before its host's switch is known "
        "to nothing, and nobody looks at them again",
        [(name, _SWITCH) for name, _ in c.cloud.hosts_with(Role.NETWORK)],
        _LISTENS,
    )


def _agents_report(c: Context) -> Task:
    """Return the wait for all the others: those of network hosts, and the switches of compute hosts."""
    network = [
        (name, unit) for name, _ in c.cloud.hosts_with(Role.NETWORK) for unit in _ON_NETWORK_HOSTS
    ]
    others = [
        (name, _SWITCH)
        for name, host in c.cloud.hosts_with(Role.COMPUTE)
        if Role.NETWORK not in host.roles
    ]
    return _report(
        "neutron.agents_report",
        "neutron binds a VM's port only on a host whose agents it has heard of: a VM before that fails",
        [*network, *others],
        _SWITCHES,
    )


def _report(id: str, why: str, units: list[tuple[str, str]], needs: str) -> Task:
    """Return the wait for a report of units (host, name) that were started or restarted."""
    keys = tuple(f"{host}/neutron.unit.{unit}" for host, unit in units)
    return Task(
        id=id,
        state=AgentsReporting(agents=tuple(f"{REPORTS[unit]} of {host}" for host, unit in units)),
        why=why,
        needs=(needs, *keys),
        watches=keys,
    )
