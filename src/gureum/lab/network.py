"""The networks of a lab on this machine: bridges, the machine as gateway, links of hosts."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from gureum.errors import LabError
from gureum.lab import firewall, forwarding
from gureum.lab.command import run
from gureum.lab.host import LabHost
from gureum.lab.subnets import Subnets

LINKS = Path("/sys/class/net")
RETRY_MS = "50"
OFFLOADS_OFF = ("tx", "off", "tso", "off", "gso", "off", "gro", "off")


@dataclass(frozen=True)
class Network:
    """The networks of one lab. Every link and table bears the lab's id, so all can be found."""

    id: str
    subnets: Subnets
    internet: bool = True
    """Whether hosts reach what lies outside of the lab."""

    @property
    def management_bridge(self) -> str:
        """The bridge of the management network."""
        return f"{self.id}-m"

    @property
    def provider_bridge(self) -> str:
        """The bridge of the provider network."""
        return f"{self.id}-p"

    @property
    def tunnel_bridge(self) -> str:
        """The bridge of the tunnel network."""
        return f"{self.id}-t"

    @property
    def table(self) -> str:
        """The nftables table of the lab, and the comment on its rules elsewhere."""
        return table(self.id)

    def up(self) -> None:
        """Make bridges, gateway addresses and translation; what is there stays.

        The caller holds the machine's lock.
        """
        mtu = outer_mtu()
        for bridge, subnet in (
            (self.management_bridge, self.subnets.management),
            (self.provider_bridge, self.subnets.provider),
            # Nobody but the hosts is on the tunnel network.
            (self.tunnel_bridge, None),
        ):
            _make_bridge(bridge, subnet, mtu)
        forwarding.need(self.id)
        firewall.up(
            self.table,
            self.id,
            (self.subnets.management, self.subnets.provider),
            self.internet,
        )

    def attach(self, host: LabHost) -> None:
        """Plug the outer ends of a host's NICs into the bridges.

        Offloads are off where Open vSwitch sits inside: a userspace datapath drops what arrives
        with a checksum that is left for the receiver to finish. ping works then, TCP does not.
        """
        mtu = outer_mtu()
        bridges = {
            host.management_link: self.management_bridge,
            host.provider_link: self.provider_bridge,
            host.tunnel_link: self.tunnel_bridge,
        }
        run(
            "ip",
            "-batch",
            "-",
            stdin="".join(
                f"link set {link} master {bridge} mtu {mtu} up\n"
                for link, bridge in bridges.items()
            ),
        )
        for link in (host.provider_link, host.tunnel_link):
            run("ethtool", "-K", link, *OFFLOADS_OFF)


def table(lab: str) -> str:
    """Return the name of a lab's nftables table."""
    return f"gureum_{lab}"


def down(lab: str) -> None:
    """Remove every link and rule of a lab; the caller holds the machine's lock."""
    firewall.down(table(lab), lab)
    for link in links(lab):
        remove_link(link)
    forwarding.release(lab)


def links(lab: str) -> list[str]:
    """Return the links on this machine that belong to a lab."""
    return sorted(name for name in os.listdir(LINKS) if name.startswith(lab))


def remove_link(name: str) -> None:
    """Delete a link if it is there; it may vanish by itself as its host ends."""
    if (LINKS / name).exists():
        try:
            run("ip", "link", "delete", name)
        except LabError:
            if (LINKS / name).exists():
                raise


def outer_mtu() -> int:
    """Return the MTU of the device that leads out of this machine, 1500 where there is none.

    A larger one inside would lose large packets on the way out, silently.
    """
    routes = json.loads(run("ip", "-json", "-4", "route", "show", "default") or "[]")
    for route in routes:
        with contextlib.suppress(OSError, KeyError, ValueError):
            return int((LINKS / route["dev"] / "mtu").read_text())
    return 1500


def _make_bridge(name: str, subnet: IPv4Network | None, mtu: int) -> None:
    """Make a bridge, with the subnet's first address where the machine is to be on it."""
    if not (LINKS / name).exists():
        # A bridge without a MAC address of its own takes on that of a port and changes it later.
        octets = hashlib.sha256(name.encode()).digest()[:4].hex(":")
        run("ip", "link", "add", name, "address", f"02:67:{octets}", "type", "bridge")
    address = f"address replace {subnet[1]}/{subnet.prefixlen} dev {name}\n" if subnet else ""
    run("ip", "-batch", "-", stdin=f"link set {name} mtu {mtu} up\n{address}")
    # Snooping without a querier cuts off multicast after minutes.
    with contextlib.suppress(OSError):
        (LINKS / name / "bridge/multicast_snooping").write_text("0")
    # A host that boots is asked for by ARP again after 50 ms, not after a second.
    with contextlib.suppress(OSError):
        Path(f"/proc/sys/net/ipv4/neigh/{name}/retrans_time_ms").write_text(RETRY_MS)
