"""A network host with one NIC: the provider network ends in a bridge, and the host is its router (R-PREP-3).

Packets of floating IPs leave by the management NIC under the host's own address; who wants to reach a
floating IP goes through the host.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from gureum.services.context import Context
from gureum.services.declaration import TextFile, Unit
from gureum.steps.notice import Effect, Notice

BRIDGE = "br-provider"
"""The bridge of the provider network, on every host that has one."""
RULES = "/etc/gureum/provider.nft"
TABLE = "gureum_provider"
UNIT = "gureum-provider"
_FORWARDING = "/etc/sysctl.d/60-gureum-provider.conf"


def files(c: Context) -> tuple[TextFile, ...]:
    """Return the files of the provider network's router, none where a NIC leads there."""
    if not c.routes_provider:
        return ()
    return (
        TextFile(
            path=RULES,
            content=f"table ip {TABLE}\ndelete table ip {TABLE}\ntable ip {TABLE} {{\n"
            "    chain out {\n"
            "        type nat hook postrouting priority srcnat; policy accept;\n"
            f"        ip saddr {_subnet(c)} ip daddr != {_subnet(c)} "
            f'oifname != "{BRIDGE}" masquerade\n'
            "    }\n}\n",
            why="nobody outside knows the way to the provider network, so what VMs send there goes by "
            "the address of this host",
        ),
        TextFile(
            path=_FORWARDING,
            content="net.ipv4.ip_forward = 1\n",
            why="this host is the router between the provider network and its only NIC",
        ),
    )


def units(c: Context) -> tuple[Unit, ...]:
    """Return the unit that makes the host a router, at each boot; none where a NIC leads there."""
    if not c.routes_provider:
        return ()
    userspace = (
        ()
        if c.facts.ovs_kernel
        # What the host itself sends has no checksum yet, and the userspace datapath makes none.
        else (f"ExecStartPost=/usr/sbin/ethtool -K {BRIDGE} tx off",)
    )
    gateway = c.cloud.networks.provider.gateway or _subnet(c)[1]
    address = f"{gateway}/{_subnet(c).prefixlen}"
    return (
        Unit(
            name=UNIT,
            description=f"puts the gateway's address on {BRIDGE}, and forwards what comes there",
            user="root",
            command=("/usr/sbin/ip", "address", "replace", address, "dev", BRIDGE),
            service_lines=(
                f"ExecStartPre=/usr/sbin/sysctl --quiet --load {_FORWARDING}",
                f"ExecStartPre=/usr/sbin/nft --file {RULES}",
                f"ExecStartPost=/usr/sbin/ip link set {BRIDGE} up",
                *userspace,
                f"ExecStop=-/usr/sbin/ip address delete {address} dev {BRIDGE}",
                f"ExecStop=-/usr/sbin/nft delete table ip {TABLE}",
                "RemainAfterExit=yes",
            ),
            after=("ovs-vswitchd.service",),
            reads=(RULES, _FORWARDING),
            notice=Notice(
                says="floating IPs are out of reach", seconds=1, effect=Effect.LATER, traffic=1
            ),
            needs=("openvswitch.switch",),
            oneshot=True,
            hardened=False,
        ),
    )


def _subnet(c: Context) -> IPv4Network:
    subnet = c.cloud.networks.provider.cidr
    assert subnet is not None, "the model wants it wherever a host is the router"
    return subnet
