"""What a host said of itself, turned into what services ask for; bad grounds are said plainly."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from gureum.diagnostics import Diagnostic
from gureum.errors import HostError
from gureum.model.cloud import Cloud, Role
from gureum.services.context import HostFacts
from gureum.services.declaration import Port

SUPPORTED = {("debian", "12"), ("debian", "13"), ("ubuntu", "24.04")}
_MEMORY_MB = 4096
_DISK_MB = 3072


def host_facts(cloud: Cloud, host: str, raw: Mapping[str, Any]) -> HostFacts:
    """Return the facts of one host; raises HostError where a NIC of the input is not on it."""
    nics = {nic["name"]: nic for nic in raw["nics"] if nic["name"] != "lo"}
    management = _nic(cloud, host, "management", nics) or (raw["default_route"] or {}).get(
        "device", ""
    )
    spare = [
        name
        for name, nic in sorted(nics.items())
        if not nic["ipv4"] and name != management and nic["kind"] in ("", "veth")
    ]
    provider = _nic(cloud, host, "provider", nics) or (spare[0] if spare else "")
    if not provider and Role.NETWORK in cloud.hosts[host].roles:
        raise HostError(
            f"{host} has no NIC for the provider network",
            detail="a network host needs a second NIC without an address; it has "
            + ", ".join(
                f"{n} ({', '.join(nic['ipv4']) or 'no address'})" for n, nic in nics.items()
            ),
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
        management_nic=management,
    )


def _nic(cloud: Cloud, host: str, network: str, nics: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the device that the input names by name, MAC or subnet; an empty text for none."""
    wanted = cloud.hosts[host].nics.get(network)  # type: ignore[call-overload]
    if not wanted:
        return ""
    for name, nic in nics.items():
        if wanted in (name, nic["mac"]):
            return name
        if "/" in wanted and any(
            ipaddress.ip_interface(a).ip in ipaddress.ip_network(wanted, strict=False)
            for a in nic["ipv4"]
        ):
            return name
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


def _same_address(one: str, other: str) -> bool:
    return one in ("0.0.0.0", "::", "*", "") or one == other  # noqa: S104


def _ours(holder: str, unit: str) -> bool:
    return holder.removesuffix(".service").removesuffix(".socket") == unit
