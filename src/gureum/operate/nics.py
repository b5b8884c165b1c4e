"""Which NIC of a host carries which network: named by name, MAC or subnet, or found by what it has.

Nothing is guessed where two would do: the choices are told instead.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from gureum.model.cloud import NO_NIC, Cloud, Connection, Host, Role
from gureum.remote.facts_network import TUNNEL_BRIDGE

MADE = re.compile(r"lo$|tap|qv[ob]|qbr|br-|ovs-|genev|vxlan|veth|docker|virbr|vnet|podman|cni")
"""Names of links that software made for itself; a network of the cloud is never found on them."""

Nic = Mapping[str, Any]


@dataclass(frozen=True)
class Resolved:
    """The device of a network on one host, and why it is this one."""

    device: str
    why: str
    nic: Nic = field(default_factory=dict)


@dataclass(frozen=True)
class NicProblem:
    """A network that no NIC, or more than one, could carry."""

    network: str
    summary: str
    detail: str
    hint: str


@dataclass(frozen=True)
class HostNics:
    """What was found for the networks of one host; a network without a NIC of its own is not in it."""

    found: Mapping[str, Resolved]
    problems: Sequence[NicProblem]
    tunnel_address: str = ""
    """Where tunnels end, with its prefix length; empty where they run over the management network."""

    def device(self, network: str) -> str:
        """Return the device of a network, an empty text where it has none."""
        found = self.found.get(network)
        return found.device if found else ""

    def mtu(self, network: str) -> int:
        """Return the MTU of a network's NIC, 1500 where it has none."""
        found = self.found.get(network)
        return int(found.nic.get("mtu", 1500)) if found else 1500


def resolve(cloud: Cloud, host: str, raw: Mapping[str, Any]) -> HostNics:
    """Return the NIC of each network on `host`, by what the host said of itself."""
    return _Search(cloud, host, raw).all()


class _Search:
    def __init__(self, cloud: Cloud, host: str, raw: Mapping[str, Any]) -> None:
        self._cloud = cloud
        self._host = cloud.hosts[host]
        self._name = host
        self._raw = raw
        self._nics = {n["name"]: n for n in raw["nics"] if n["name"] != "lo"}
        self._bridge = self._nics.get(TUNNEL_BRIDGE, {"ipv4": []})
        self._found: dict[str, Resolved] = {}
        self._problems: list[NicProblem] = []

    def all(self) -> HostNics:
        self._take("management", self._named("management") or self._management())
        tunnel_address = ""
        if _switches(self._host):
            self._take("tunnel", self._named("tunnel") or self._tunnel())
            tunnel_address = self._end_of_tunnels()
        if self._host.nics.get("provider") != NO_NIC:
            self._take("provider", self._named("provider") or self._provider())
        return HostNics(self._found, self._problems, tunnel_address)

    def _take(self, network: str, found: Resolved | None) -> None:
        if found is not None and found.device:
            self._found[network] = found

    def _named(self, network: str) -> Resolved | None:
        """Return the NIC that the host's own `nics` names."""
        wanted = self._host.nics.get(network)  # type: ignore[call-overload]
        if not wanted:
            return None
        text = str(wanted)
        if text in self._nics:
            return self._resolved(text, f"nics.{network} names it")
        by_mac = [n for n, nic in self._nics.items() if nic["mac"].lower() == text.lower()]
        # A bridge or a VLAN bears the MAC address of the NIC that it stands on.
        plain = [n for n in by_mac if self._nics[n].get("kind") in ("", "veth")] or by_mac
        if plain:
            return self._one(network, plain, f"it has the MAC address {text}")
        if "/" in text:
            return self._on_subnet(network, text, f"nics.{network}")
        return self._nothing(network, f"no NIC {text!r} for the {network} network")

    def _of_the_lab(self, network: str) -> Resolved | None:
        """Return the NIC that the lab plugged into this network of its own."""
        if self._host.connection is not Connection.LAB:
            return None
        device = self._raw.get("lab_nics", {}).get(network, "")
        return self._resolved(device, "the lab plugged it in there") if device else None

    def _management(self) -> Resolved | None:
        if lab := self._of_the_lab("management"):
            return lab
        address = str(self._host.address or "")
        holding = [n for n in self._nics if address and address in self._addresses(n)]
        if holding:
            return self._one("management", holding, f"it has the address {address}")
        if address and self._host.connection is not Connection.LAB:
            return self._nothing("management", f"no NIC with its own address, {address}")
        if subnet := self._cloud.networks.management.cidr:
            return self._on_subnet("management", str(subnet), "networks.management.cidr")
        device = (self._raw["default_route"] or {}).get("device", "")
        return self._resolved(device, "the default route leaves by it") if device else None

    def _tunnel(self) -> Resolved | None:
        """Return the NIC of the tunnel network where it is not named.

        The address may have been moved from the NIC to a bridge that the NIC is plugged into.
        """
        lab = self._of_the_lab("tunnel")
        subnet = self._cloud.networks.tunnel.cidr
        if lab or subnet is None:
            return lab
        ports = self._bridge.get("ports", ())
        if ports and any(ipaddress.ip_interface(a).ip in subnet for a in self._bridge["ipv4"]):
            return self._resolved(ports[0], f"its address in {subnet} is on {TUNNEL_BRIDGE}")
        names = [n for n in self._carrying(subnet) if n != TUNNEL_BRIDGE]
        if not names:
            return self._nothing("tunnel", f"no NIC on the tunnel network {subnet}")
        return self._one("tunnel", names, f"it has an address in {subnet} (networks.tunnel.cidr)")

    def _end_of_tunnels(self) -> str:
        """Return the address that tunnels end at, an empty text where they run over management."""
        found = self._found.get("tunnel")
        if found is None:
            alone = sum(map(_switches, self._cloud.hosts.values())) < 2
            told = any(problem.network == "tunnel" for problem in self._problems)
            if not alone and not told and self._raw["openvswitch"] == "absent":
                self._problem(
                    "tunnel",
                    "it has no NIC for tunnels, and its kernel has no openvswitch",
                    "Open vSwitch's userspace datapath ends tunnels only on a NIC of its own; it has "
                    f"{_listed(self._nics.values())}",
                    f"name one that carries an address: hosts.{self._name}.nics.tunnel",
                )
            return ""
        addresses = found.nic.get("ipv4") or self._bridge["ipv4"]
        if not addresses:
            self._problem(
                "tunnel",
                f"{found.device}, its NIC for tunnels, has no address",
                "tunnels between hosts end at an address of each",
                f"give {found.device} an address on {self._name}, or leave "
                f"hosts.{self._name}.nics.tunnel out",
            )
        return addresses[0] if addresses else ""

    def _provider(self) -> Resolved | None:
        if lab := self._of_the_lab("provider"):
            return lab
        taken = {found.device for found in self._found.values()}
        spare = [
            name
            for name, nic in sorted(self._nics.items())
            if not nic["ipv4"]
            and name not in taken
            and nic["kind"] in ("", "veth")
            and not MADE.match(name)
        ]
        # Floating IPs leave at network hosts, or where their VMs run.
        spread = self._cloud.network.distributed_floating_ips
        needed = bool({Role.NETWORK, *((Role.COMPUTE,) if spread else ())} & set(self._host.roles))
        if len(spare) > 1:
            if not needed:
                return None
            return self._several("provider", spare, "have no address")
        if spare:
            return self._resolved(spare[0], "it is the only one without an address")
        if needed:
            self._nothing("provider", "no NIC for the provider network")
        return None

    def _on_subnet(self, network: str, subnet: str, key: str) -> Resolved | None:
        try:
            wanted = ipaddress.ip_network(subnet, strict=False)
        except ValueError:
            return self._nothing(network, f"no NIC {subnet!r} for the {network} network")
        found = self._carrying(wanted)
        if not found:
            return self._nothing(network, f"no NIC with an address in {wanted}, as {key} says")
        return self._one(network, found, f"it has an address in {wanted} ({key})")

    def _carrying(self, subnet: IPv4Network | IPv6Network) -> list[str]:
        return [
            n
            for n in self._nics
            if any(ipaddress.ip_address(address) in subnet for address in self._addresses(n))
        ]

    def _one(self, network: str, names: Sequence[str], why: str) -> Resolved | None:
        if len(names) > 1:
            return self._several(network, names, f"fit: {why.replace('it has', 'they have')}")
        return self._resolved(names[0], why)

    def _several(self, network: str, names: Sequence[str], what: str) -> Resolved | None:
        return self._problem(
            network,
            f"{len(names)} NICs could be the {network} network's",
            f"{_listed(self._nics[n] for n in names)} {what}",
            f"say which in cloud.yaml: hosts.{self._name}.nics.{network}: {names[0]}",
        )

    def _nothing(self, network: str, summary: str) -> Resolved | None:
        return self._problem(
            network,
            f"it has {summary}",
            f"it has {_listed(self._nics.values()) or 'none at all'}",
            _WAY_OUT[network].format(host=self._name),
        )

    def _problem(self, network: str, summary: str, detail: str, hint: str) -> Resolved | None:
        self._problems.append(NicProblem(network, summary, detail, hint))
        return None

    def _resolved(self, device: str, why: str) -> Resolved:
        return Resolved(device, why, self._nics.get(device, {}))

    def _addresses(self, name: str) -> list[str]:
        return [cidr.split("/")[0] for cidr in self._nics[name]["ipv4"]]


_WAY_OUT = {
    "management": "correct its address, or name the NIC: hosts.{host}.nics.management",
    "tunnel": "give it an address there, or name the NIC: hosts.{host}.nics.tunnel",
    "provider": "plug in a second NIC without an address (floating IPs pass through it), or name one: "
    "hosts.{host}.nics.provider; with one NIC, hosts.{host}.nics.provider: none makes the host their router",
}


def _switches(host: Host) -> bool:
    """Tell whether a host carries project networks, and so ends tunnels."""
    return bool({Role.NETWORK, Role.COMPUTE} & set(host.roles))


def _listed(nics: Iterable[Nic]) -> str:
    return ", ".join(
        f"{nic['name']} ({', '.join(nic['ipv4']) or 'no address'}, {nic['mac']})"
        for nic in nics
        if not MADE.match(nic["name"])
    )
