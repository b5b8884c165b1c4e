"""Facts about NICs, addresses and routes."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from gureum.remote.process import run

TUNNEL_BRIDGE = "br-vtep"
LAB_NICS = "/etc/gureum-lab-nics.json"
NEUTRON = "/etc/neutron"
_DRIVERS = {"ovn": "ovn_agent.ini", "ovs": "openvswitch_agent.ini"}


def nics() -> list[dict[str, Any]]:
    """Return every NIC: `name`, `mac`, `ipv4` (CIDRs), `up`, `mtu`, `kind` (`veth`, `bridge`).

    The bridge that holds a tunnel NIC tells its `ports` as well.
    """
    found = []
    for link in _ip("-details", "address", "show"):
        addresses = [entry for entry in link.get("addr_info", []) if entry["family"] == "inet"]
        found.append(
            {
                "name": link.get("ifname", ""),
                "mac": link.get("address", ""),
                "ipv4": [f"{entry['local']}/{entry['prefixlen']}" for entry in addresses],
                "up": "UP" in link.get("flags", []),
                "mtu": link.get("mtu", 0),
                "kind": link.get("linkinfo", {}).get("info_kind", ""),
            }
        )
        if found[-1]["name"] == TUNNEL_BRIDGE:
            done = run(("ovs-vsctl", "--timeout=2", "list-ports", TUNNEL_BRIDGE), timeout=5)
            found[-1]["ports"] = done.output.split() if done.exit == 0 else []
    return found


def lab_nics() -> dict[str, str]:
    """Return the NIC of each network on a host that a lab made, nothing elsewhere."""
    try:
        with open(LAB_NICS) as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return {str(network): str(nic) for network, nic in found.items()}


def driver() -> str:
    """Return neutron's driver on this host (`ovn`, `ovs`), an empty text where it has none."""
    for name, file in _DRIVERS.items():
        if os.path.exists(os.path.join(NEUTRON, file)):
            return name
    try:
        with open(os.path.join(NEUTRON, "ml2_conf.ini")) as source:
            text = source.read()
    except OSError:
        return ""
    found = re.search(r"^mechanism_drivers *= *(\w+)", text, re.MULTILINE)
    return {"ovn": "ovn", "openvswitch": "ovs"}.get(found[1], "") if found else ""


def default_route() -> dict[str, str] | None:
    """Return `gateway` and `device` of the IPv4 default route, None where there is none."""
    for route in _ip("-4", "route", "show", "default"):
        return {"gateway": route.get("gateway", ""), "device": route.get("dev", "")}
    return None


def _ip(*arguments: str) -> list[dict[str, Any]]:
    done = run(("ip", "-json", *arguments), timeout=5)
    try:
        return [entry for entry in json.loads(done.output or "[]") if entry]
    except ValueError:
        return []
