"""What a host said of itself, turned into what services ask for; bad grounds are said plainly."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gureum.diagnostics import Diagnostic
from gureum.errors import HostError
from gureum.model.cloud import Cloud, Role
from gureum.remote.facts_network import TUNNEL_BRIDGE
from gureum.services.context import HostFacts
from gureum.services.declaration import Port

SUPPORTED = {("debian", "12"), ("debian", "13"), ("ubuntu", "24.04")}
_MEMORY_MB = 4096
_DISK_MB = 3072


def host_facts(cloud: Cloud, host: str, raw: Mapping[str, Any]) -> HostFacts:
    """Return the facts of one host; raises HostError where a NIC of the input is not on it."""
    nics = {nic["name"]: nic for nic in raw["nics"] if nic["name"] != "lo"}
    known = raw.get("lab_nics", {})
    management = (
        _nic(cloud, host, "management", nics)
        or known.get("management")
        or (raw["default_route"] or {}).get("device", "")
    )
    tunnel, tunnel_address = _tunnel(cloud, host, raw, nics)
    spare = [
        name
        for name, nic in sorted(nics.items())
        if not nic["ipv4"] and name not in (management, tunnel) and nic["kind"] in ("", "veth")
    ]
    provider = (
        _nic(cloud, host, "provider", nics) or known.get("provider") or (spare[0] if spare else "")
    )
    if not provider and Role.NETWORK in cloud.hosts[host].roles:
        raise HostError(
            f"{host} has no NIC for the provider network",
            detail="a network host needs a second NIC without an address; it has " + _listed(nics),
            hint=f"name one in cloud.yaml: hosts.{host}.nics.provider",
        )
    return HostFacts(
        cpus=raw["cpus"],
        memory_mb=raw["memory_mb"],
        kvm=bool(raw["kvm"]["works"]),
        ovs_kernel=raw["openvswitch"] != "absent",
        container=bool(raw.get("container")),
        os=raw["os"]["id"],
        os_version=raw["os"]["version"],
        mtu=nics.get(management, {}).get("mtu", 1500),
        provider_nic=provider,
        provider_mtu=nics.get(provider, {}).get("mtu", 1500),
        management_nic=management,
        tunnel_nic=tunnel,
        tunnel_address=tunnel_address,
        tunnel_mtu=nics.get(tunnel or management, {}).get("mtu", 1500),
        cloud_init=bool(raw.get("cloud_init")),
        ssh_ports=tuple(sorted(set(_ssh_ports(raw.get("ports", ()))))),
    )


def _tunnel(
    cloud: Cloud, host: str, raw: Mapping[str, Any], nics: Mapping[str, Mapping[str, Any]]
) -> tuple[str, str]:
    """Return the NIC of a tunnel network and the host's address on it, two empty texts for none.

    The address may have been moved from the NIC to a bridge that the NIC is plugged into.
    """
    switches = [
        name
        for name, other in cloud.hosts.items()
        if {Role.NETWORK, Role.COMPUTE} & set(other.roles)
    ]
    if host not in switches:
        return "", ""
    cidr = cloud.networks.tunnel.cidr
    bridge = nics.get(TUNNEL_BRIDGE, {"ipv4": []})
    nic = _nic(cloud, host, "tunnel", nics) or raw.get("lab_nics", {}).get("tunnel", "")
    if not nic and cidr:
        on_bridge = any(ipaddress.ip_interface(a).ip in cidr for a in bridge["ipv4"])
        nic = next(iter(bridge.get("ports", ())), "") if on_bridge else ""
        nic = nic or _carrying(cidr, nics)
        if not nic:
            raise HostError(
                f"{host} has no NIC on the tunnel network {cidr}",
                detail="it has " + _listed(nics),
                hint=f"give it an address there, or name the NIC: hosts.{host}.nics.tunnel",
            )
    if not nic:
        if len(switches) > 1 and raw["openvswitch"] == "absent":
            raise HostError(
                f"{host} has no NIC for tunnels, and its kernel has no openvswitch",
                detail="Open vSwitch's userspace datapath ends tunnels only on a NIC of its own; it "
                f"has {_listed(nics)}",
                hint=f"name one that carries an address: hosts.{host}.nics.tunnel",
            )
        return "", ""
    found = nics[nic]["ipv4"] or bridge["ipv4"]
    if not found:
        raise HostError(
            f"{nic}, the NIC of {host} for tunnels, has no address",
            detail="tunnels between hosts end at an address of each",
            hint=f"give {nic} an address on {host}, or leave hosts.{host}.nics.tunnel out",
        )
    return nic, found[0]


def _carrying(cidr: ipaddress.IPv4Network, nics: Mapping[str, Mapping[str, Any]]) -> str:
    for name, nic in nics.items():
        if any(ipaddress.ip_interface(a).ip in cidr for a in nic["ipv4"]):
            return name
    return ""


def _listed(nics: Mapping[str, Mapping[str, Any]]) -> str:
    return ", ".join(f"{n} ({', '.join(nic['ipv4']) or 'no address'})" for n, nic in nics.items())


def _nic(cloud: Cloud, host: str, network: str, nics: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the device that the input names by name, MAC or subnet; an empty text for none."""
    wanted = cloud.hosts[host].nics.get(network)  # type: ignore[call-overload]
    if not wanted:
        return ""
    for name, nic in nics.items():
        if wanted in (name, nic["mac"]):
            return name
    if "/" in wanted and (found := _carrying(ipaddress.IPv4Network(wanted, strict=False), nics)):
        return found
    raise HostError(
        f"{host} has no NIC {wanted!r} for the {network} network",
        detail="it has " + ", ".join(f"{n} ({nic['mac']})" for n, nic in nics.items()),
        hint=f"put one of these into cloud.yaml: hosts.{host}.nics.{network}",
    )


def preflight(host: str, raw: Mapping[str, Any], ports: Sequence[Port]) -> list[Diagnostic]:
    """Return what would hurt later (R-PREP-8): too little memory or disk, a foreign port, a name.

    `ports` are those that the host is to serve; two units may share a number on two addresses.
    """
    found: list[Diagnostic] = []
    os_id = (raw["os"]["id"], raw["os"]["version"])
    if os_id not in SUPPORTED:
        found.append(
            Diagnostic(
                f"{host} runs {raw['os']['name'] or 'an unknown system'}",
                hint="use Debian 12, Debian 13 or Ubuntu 24.04",
            )
        )
    if raw["systemd"] == "absent":
        found.append(
            Diagnostic(f"{host} does not run systemd", hint="boot it with systemd as init")
        )
    if raw["memory_mb"] < _MEMORY_MB:
        found.append(
            Diagnostic(
                f"{host} has {raw['memory_mb']} MB of memory, {_MEMORY_MB} are needed",
                hint="give it more memory, or fewer roles",
            )
        )
    free = raw["disk_free_mb"].get("/var", 0)
    if free < _DISK_MB:
        found.append(
            Diagnostic(
                f"{host} has {free} MB free under /var, {_DISK_MB} are needed",
                hint="make room there: df -h /var; du -xh --max-depth=2 /var | sort -h | tail",
            )
        )
    for listener in raw["ports"]:
        port = listener["port"]
        wanted = [
            p
            for p in ports
            if (p.number, p.protocol) == (port, listener.get("protocol", "tcp"))
            and _same_address(listener["address"], p.address)
        ]
        if not wanted:
            continue
        holder = str(listener.get("unit") or listener.get("process") or "another program")
        stop = f"systemctl disable --now {holder}"
        if not holder.endswith((".service", ".socket")):
            # Somebody's own program: a scope is a login, and would end it together with the rest.
            holder = str(listener.get("process") or holder)
            stop = f"kill {listener.get('pid') or '<its pid>'}"
        if not any(_ours(holder, p.unit) for p in wanted):
            found.append(
                Diagnostic(
                    f"port {port} of {host} is taken by {holder}",
                    detail=f"{wanted[0].unit} is to listen on {wanted[0].address}:{port}",
                    hint=f"stop it on {host}: {stop}",
                )
            )
    return found


def _ssh_ports(listeners: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """Yield the ports of the host's SSH server; what a login listens on for itself is none."""
    for one in listeners:
        ours = one["unit"] in ("ssh.service", "sshd.service", "ssh.socket", "sshd.socket")
        if ours and one["protocol"] == "tcp":
            yield one["port"]


def _same_address(one: str, other: str) -> bool:
    return one in ("0.0.0.0", "::", "*", "") or one == other  # noqa: S104


def _ours(holder: str, unit: str) -> bool:
    return _plain(holder) == _plain(unit)


def _plain(unit: str) -> str:
    return unit.removesuffix(".service").removesuffix(".socket")
