"""OVN: switches, routers and NAT of project networks, as flows of Open vSwitch."""

from __future__ import annotations

from gureum.model.cloud import Driver, Role
from gureum.services import openvswitch
from gureum.services.context import Context
from gureum.services.declaration import Declaration, LogForm, Port, Task, TextFile, Unit
from gureum.steps.network import OvsConfigured
from gureum.steps.notice import Effect, Notice

_CENTRAL = "/etc/default/ovn-central"


def declare(c: Context) -> Declaration | None:
    """Declare OVN's databases for a controller, its controller for network and compute hosts."""
    if c.cloud.network.driver is not Driver.OVN:
        return None
    central = c.has(Role.CONTROLLER)
    switch = c.has(Role.NETWORK, Role.COMPUTE)
    if not (central or switch):
        return None
    return Declaration(
        service="ovn",
        packages=(
            *(("ovn-central",) if central else ()),
            *(("ovn-host",) if switch else ()),
        ),
        files=_central_files(c) if central else (),
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
        tasks=(_chassis(c),) if switch else (),
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
            log_file="/var/log/ovn/ovsdb-server-nb.log",
            log_form=LogForm.OVS,
            description="OVN's northbound database: what neutron wants",
            user="root",
            notice=Notice(says="changes to networks wait", seconds=1, effect=Effect.LATER),
            reads=reads,
            ready_port=(c.address, 6641),
            hardened=False,
        ),
        Unit(
            name="ovn-ovsdb-server-sb",
            log_file="/var/log/ovn/ovsdb-server-sb.log",
            log_form=LogForm.OVS,
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
            log_file="/var/log/ovn/ovn-northd.log",
            log_form=LogForm.OVS,
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


def _switch_units(c: Context) -> tuple[Unit, ...]:
    return (
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
            log_file="/var/log/ovn/ovn-controller.log",
            log_form=LogForm.OVS,
            description="turns OVN's southbound database into flows of this host",
            user="root",
            notice=Notice(
                says="changes to networks do not reach this host", seconds=2, effect=Effect.LATER
            ),
            needs=("ovn.chassis", *openvswitch.tunnels_ready(c)),
            drop_in=_stopped_by("stop_controller --restart"),
            drop_in_why="as the distribution stops ovn-controller, its host leaves the cloud along "
            "with the flows of every running VM",
            hardened=False,
        ),
    )


def _stopped_by(words: str) -> dict[str, tuple[str, ...]]:
    """Return the lines by which a unit of OVN stops alone."""
    return {
        "Service": ("ExecStop=", f"ExecStop=/usr/share/ovn/scripts/ovn-ctl {words} --no-monitor")
    }


def _chassis(c: Context) -> Task:
    physical = c.cloud.networks.provider.physical_network
    return Task(
        id="ovn.chassis",
        state=OvsConfigured(
            external_ids={
                "ovn-remote": connection(c, 6642),
                "ovn-encap-type": "geneve",
                "ovn-encap-ip": c.tunnel_address,
                "ovn-bridge-mappings": f"{physical}:{openvswitch.PROVIDER}",
                "ovn-bridge-datapath-type": openvswitch.datapath(c),
                "ovn-cms-options": "enable-chassis-as-gw" if c.has(Role.NETWORK) else "",
            },
            bridges={},
        ),
        why="this host joins OVN as a chassis under its own name",
        needs=(openvswitch.SWITCH,),
    )
