"""Open vSwitch: the switch of every network and compute host, whichever driver neutron has."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.model.cloud import Driver, NetworkType, Role
from gureum.services import provider_router
from gureum.services.context import Context
from gureum.services.declaration import Declaration, LogForm, Opening, OpenTo, Task, TextFile, Unit
from gureum.steps.network import OvsConfigured
from gureum.steps.notice import Effect, Notice

INTEGRATION = "br-int"
PROVIDER = provider_router.BRIDGE
TUNNELS = "br-tun"
OVSDB = "unix:/var/run/openvswitch/db.sock"
"""Open vSwitch's socket, spelt as the distribution spells it: neutron's agent has Open vSwitch listen there,
which opens the socket anew, with the rights that nobody set, unless it is known by that very name."""
GROUP = "ovsclients"
SWITCH = "openvswitch.switch"
"""The step after which the bridges are there."""
PORTS = {NetworkType.GENEVE: 6081, NetworkType.VXLAN: 4789}
"""Where the tunnels of each kind end (UDP)."""
_SYSTEM_ID = "/etc/openvswitch/system-id.conf"


def declare(c: Context) -> Declaration | None:
    """Declare Open vSwitch for a network or compute host."""
    if not c.has(Role.NETWORK, Role.COMPUTE):
        return None
    return Declaration(
        service="openvswitch",
        packages=("openvswitch-switch", "ethtool"),
        directories={"/etc/openvswitch": ("root", "root", 0o755)},
        files=(
            TextFile(
                path=_SYSTEM_ID,
                content=f"{c.host}\n",
                why="without a fixed identity a restart of Open vSwitch makes up a new one, and "
                "whoever knows this host by it (OVN's controller does) takes it for another",
            ),
            *provider_router.files(c),
        ),
        units=(
            *_units(),
            *((_tunnel_address(c),) if c.tunnel_bridge else ()),
            *provider_router.units(c),
        ),
        openings=tuple(_openings(c)),
        tasks=(_switch(c),),
    )


def datapath(c: Context) -> str:
    """Return where packets are switched on this host: in the kernel, or by a process."""
    return "system" if c.facts.ovs_kernel else "netdev"


def _openings(c: Context) -> Iterator[Opening]:
    if len(c.tunnel_ends) < 2:
        return
    # Networks outlive a change of the kind that new ones get.
    kinds = PORTS if c.cloud.network.driver is Driver.OVS else (c.cloud.network.tunnels,)
    for kind in kinds:
        yield Opening(
            first=PORTS[kind],
            last=PORTS[kind],
            protocol="udp",
            purpose=f"{kind.label}: packets of project networks",
            open_to=OpenTo.TUNNELS,
        )


def tunnels_ready(c: Context) -> tuple[str, ...]:
    """Return the steps after which tunnels of this host have the address that they end at."""
    return ("openvswitch.unit.gureum-tunnel",) if c.tunnel_bridge else ()


# Each of these takes the others along, and who writes the flows has to write them anew.
_SILENCE = Notice(
    says="packets of every VM on this host stop", seconds=3, effect=Effect.LATER, traffic=3
)


def _units() -> tuple[Unit, ...]:
    return (
        Unit(
            name="ovsdb-server",
            log_file="/var/log/openvswitch/ovsdb-server.log",
            log_form=LogForm.OVS,
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
            log_file="/var/log/openvswitch/ovs-vswitchd.log",
            log_form=LogForm.OVS,
            description="Open vSwitch's datapath: moves the packets of VMs",
            user="root",
            notice=_SILENCE,
            needs=("openvswitch.unit.ovsdb-server",),
            hardened=False,
        ),
        Unit(
            name="openvswitch-switch",
            description="starts Open vSwitch at boot",
            user="root",
            notice=_SILENCE,
            needs=("openvswitch.unit.ovs-vswitchd",),
            oneshot=True,
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
        needs=(SWITCH,),
        oneshot=True,
        hardened=False,
    )


def _switch(c: Context) -> Task:
    path = datapath(c)
    agents = c.cloud.network.driver is Driver.OVS
    nics = (c.facts.provider_nic,) if c.facts.provider_nic else ()
    bridges: dict[str, tuple[str, str, tuple[str, ...]]] = {INTEGRATION: (path, "secure", ())}
    if nics or c.routes_provider or not agents:
        # An agent writes flows into it; without one it switches by itself.
        bridges[PROVIDER] = (path, "secure" if agents else "standalone", nics)
    if c.tunnel_bridge:
        bridges[c.tunnel_bridge] = (path, "standalone", (c.facts.tunnel_nic,))
    if agents:
        bridges[TUNNELS] = (path, "secure", ())
    return Task(
        id=SWITCH,
        state=OvsConfigured(external_ids={"system-id": c.host}, bridges=bridges),
        why="VMs, the provider network and tunnels each have a bridge, joined by those who write flows"
        + (
            ""
            if c.facts.ovs_kernel
            else "; the kernel has no openvswitch, so flows run in userspace"
        ),
        needs=("openvswitch.unit.ovs-vswitchd",),
    )
