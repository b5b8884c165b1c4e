"""Open vSwitch and OVN: the switches, routers and NAT of project networks."""

from __future__ import annotations

from gureum.model.cloud import Role
from gureum.services.context import Context
from gureum.services.declaration import Declaration, Opening, OpenTo, Port, Task, TextFile, Unit
from gureum.steps.network import OvsConfigured
from gureum.steps.notice import Effect, Notice

_CENTRAL = "/etc/default/ovn-central"
_SYSTEM_ID = "/etc/openvswitch/system-id.conf"
OVSDB = "unix:/run/openvswitch/db.sock"
GROUP = "ovsclients"
GENEVE = 6081


def declare(c: Context) -> Declaration | None:
    """Declare OVN's databases for a controller, its switch for network and compute hosts."""
    central = c.has(Role.CONTROLLER)
    switch = c.has(Role.NETWORK, Role.COMPUTE)
    if not (central or switch):
        return None
    return Declaration(
        service="ovn",
        packages=(
            *(("ovn-central",) if central else ()),
            *(("ovn-host", "openvswitch-switch", "ethtool") if switch else ()),
        ),
        directories={"/etc/openvswitch": ("root", "root", 0o755)} if switch else {},
        files=(*(_central_files(c) if central else ()), *(_switch_files(c) if switch else ())),
        units=(*(_central_units(c) if central else ()), *(_switch_units(c) if switch else ())),
        ports=(
            (
                Port(
                    number=6641, address=c.address, unit="ovn-ovsdb-server-nb", purpose="OVN north"
                ),
                Port(
                    number=6642, address=c.address, unit="ovn-ovsdb-server-sb", purpose="OVN south"
                ),
            )
            if central
            else ()
        ),
        openings=(
            (
                Opening(
                    first=GENEVE,
                    last=GENEVE,
                    protocol="udp",
                    purpose="Geneve: packets of project networks",
                    open_to=OpenTo.TUNNELS,
                ),
            )
            if switch and len(c.tunnel_ends) > 1
            else ()
        ),
        tasks=(_ovs(c),) if switch else (),
    )


def connection(c: Context, port: int) -> str:
    """Return the address of OVN's north (6641) or south (6642) database.

    It is an address also where the cloud goes by names: OVN must not wait for a resolver, of which
    ovsdb has one of its own that does not read /etc/hosts.
    """
    return ",".join(f"tcp:{c.addresses[n]}:{port}" for n in c.controllers)


def _central_files(c: Context) -> tuple[TextFile, ...]:
    return (
        TextFile(
            path=_CENTRAL,
            content='OVN_CTL_OPTS="'
            f"--db-nb-addr={c.address} --db-nb-create-insecure-remote=yes "
            f"--db-sb-addr={c.address} --db-sb-create-insecure-remote=yes"
            '"\n',
            why="neutron and every ovn-controller reach OVN's databases over the management network",
        ),
    )


def _central_units(c: Context) -> tuple[Unit, ...]:
    reads = (_CENTRAL,)
    return (
        Unit(
            name="ovn-ovsdb-server-nb",
            description="OVN's northbound database: what neutron wants",
            user="root",
            notice=Notice(says="changes to networks wait", seconds=1, effect=Effect.LATER),
            reads=reads,
            ready_port=(c.address, 6641),
            hardened=False,
        ),
        Unit(
            name="ovn-ovsdb-server-sb",
            description="OVN's southbound database: what the hosts do",
            user="root",
            notice=Notice(says="changes to networks reach no host", seconds=1, effect=Effect.LATER),
            reads=reads,
            ready_port=(c.address, 6642),
            hardened=False,
        ),
        Unit(
            name="ovn-central",
            description="starts OVN's databases and northd at boot",
            user="root",
            notice=Notice(says="changes to networks wait", seconds=1, effect=Effect.LATER),
            needs=("ovn.unit.ovn-northd",),
            oneshot=True,
            hardened=False,
        ),
        Unit(
            name="ovn-northd",
            description="translates OVN's northbound database into the southbound",
            user="root",
            notice=Notice(says="changes to networks reach no host", seconds=1, effect=Effect.LATER),
            needs=("ovn.unit.ovn-ovsdb-server-nb", "ovn.unit.ovn-ovsdb-server-sb"),
            drop_in=_stopped_by("stop_northd --ovn-manage-ovsdb=no"),
            drop_in_why="as the distribution stops northd, it takes both databases of OVN down with "
            "it, and nothing starts them again",
            hardened=False,
        ),
    )


def _switch_files(c: Context) -> tuple[TextFile, ...]:
    return (
        TextFile(
            path=_SYSTEM_ID,
            content=f"{c.host}\n",
            why="without a fixed identity a restart of Open vSwitch makes up a new one, and "
            "ovn-controller loses every flow over the doubled tunnel end",
        ),
    )


# Each of the three takes the others along, and ovn-controller has to make the flows anew.
_SILENCE = Notice(
    says="packets of every VM on this host stop", seconds=3, effect=Effect.LATER, traffic=3
)


def _switch_units(c: Context) -> tuple[Unit, ...]:
    return (
        *((_tunnel_address(c),) if c.tunnel_bridge else ()),
        Unit(
            name="ovsdb-server",
            description="Open vSwitch's database: bridges, ports, what the host is to OVN",
            user="root",
            notice=_SILENCE,
            reads=(_SYSTEM_ID,),
            drop_in={
                "Service": (
                    f"ExecStartPost=/usr/bin/chgrp {GROUP} /run/openvswitch/db.sock",
                    "ExecStartPost=/usr/bin/chmod 0770 /run/openvswitch/db.sock",
                )
            },
            drop_in_why="nova and the agent plug ports without root: their group may use the socket",
            hardened=False,
        ),
        Unit(
            name="ovs-vswitchd",
            description="Open vSwitch's datapath: moves the packets of VMs",
            user="root",
            notice=_SILENCE,
            needs=("ovn.unit.ovsdb-server",),
            hardened=False,
        ),
        Unit(
            name="openvswitch-switch",
            description="starts Open vSwitch at boot",
            user="root",
            notice=_SILENCE,
            needs=("ovn.unit.ovs-vswitchd",),
            oneshot=True,
            hardened=False,
        ),
        Unit(
            name="ovn-host",
            description="starts ovn-controller at boot",
            user="root",
            notice=Notice(
                says="changes to networks do not reach this host", seconds=2, effect=Effect.LATER
            ),
            needs=("ovn.unit.ovn-controller",),
            oneshot=True,
            hardened=False,
        ),
        Unit(
            name="ovn-controller",
            description="turns OVN's southbound database into flows of this host",
            user="root",
            notice=Notice(
                says="changes to networks do not reach this host", seconds=2, effect=Effect.LATER
            ),
            needs=("ovn.switch", *(("ovn.unit.gureum-tunnel",) if c.tunnel_bridge else ())),
            drop_in=_stopped_by("stop_controller --restart"),
            drop_in_why="as the distribution stops ovn-controller, its host leaves the cloud along "
            "with the flows of every running VM",
            hardened=False,
        ),
    )


def _tunnel_address(c: Context) -> Unit:
    bridge, nic, address = c.tunnel_bridge, c.facts.tunnel_nic, c.facts.tunnel_address
    return Unit(
        name="gureum-tunnel",
        description=f"puts the tunnel address on {bridge}, where Open vSwitch's userspace datapath "
        "can end tunnels",
        user="root",
        command=("/usr/sbin/ip", "address", "replace", address, "dev", bridge),
        service_lines=(
            f"ExecStartPre=/usr/sbin/ip address flush dev {nic} scope global",
            f"ExecStartPost=/usr/sbin/ip link set {bridge} up",
            "RemainAfterExit=yes",
        ),
        after=("ovs-vswitchd.service",),
        notice=_SILENCE,
        needs=("ovn.switch",),
        oneshot=True,
        hardened=False,
    )


def _stopped_by(words: str) -> dict[str, tuple[str, ...]]:
    """Return the lines by which a unit of OVN stops alone."""
    return {
        "Service": ("ExecStop=", f"ExecStop=/usr/share/ovn/scripts/ovn-ctl {words} --no-monitor")
    }


def _ovs(c: Context) -> Task:
    physical = c.cloud.networks.provider.physical_network
    bridge = "br-provider"
    datapath = "system" if c.facts.ovs_kernel else "netdev"
    options = "enable-chassis-as-gw" if c.has(Role.NETWORK) else ""
    provider_nics = (c.facts.provider_nic,) if c.facts.provider_nic else ()
    bridges = {
        "br-int": (datapath, "secure", ()),
        bridge: (datapath, "standalone", provider_nics),
    }
    if c.tunnel_bridge:
        bridges[c.tunnel_bridge] = (datapath, "standalone", (c.facts.tunnel_nic,))
    return Task(
        id="ovn.switch",
        state=OvsConfigured(
            external_ids={
                "system-id": c.host,
                "ovn-remote": connection(c, 6642),
                "ovn-encap-type": "geneve",
                "ovn-encap-ip": c.tunnel_address,
                "ovn-bridge-mappings": f"{physical}:{bridge}",
                "ovn-bridge-datapath-type": datapath,
                "ovn-cms-options": options,
            },
            bridges=bridges,
        ),
        why="this host joins OVN as a chassis under its own name"
        + (
            ""
            if c.facts.ovs_kernel
            else "; the kernel has no openvswitch, so flows run in userspace"
        ),
        needs=("ovn.unit.ovs-vswitchd",),
    )
