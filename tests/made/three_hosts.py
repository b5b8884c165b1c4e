"""Three healthy hosts as they answer, and scenes with something wrong with them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from gureum.model.cloud import Cloud
from gureum.operate.host_check import Look, Scene
from gureum.operate.nics import resolve
from gureum.services.declaration import Port

ADDRESSES = {"c": "192.0.2.11", "n": "192.0.2.12", "d": "192.0.2.13"}
_ROLES = {"c": "controller", "n": "network", "d": "compute"}
PORTS = [
    Port(number=3306, address="192.0.2.11", unit="mariadb", purpose="SQL"),
    Port(number=5000, address="127.0.0.1", unit="keystone-api", purpose="backend"),
    Port(number=5000, address="192.0.2.11", unit="haproxy", purpose="TLS"),
]
AUTHORITY = "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n"

DATA: dict[str, Any] = {
    "networks": {"provider": {"cidr": "203.0.113.0/24"}, "tunnel": {"cidr": "198.51.100.0/24"}},
    "hosts": {
        name: {"roles": [_ROLES[name]], "connection": "ssh", "address": address}
        for name, address in ADDRESSES.items()
    },
}
"""The input of a cloud of three servers."""


def facts(host: str, **changes: Any) -> dict[str, Any]:
    """Return what a healthy host says of itself, with changes."""
    number = list(ADDRESSES).index(host) + 1
    return {
        "hostname": host,
        "python": "3.13.5",
        "kernel": "6.12.0",
        "arch": "x86_64",
        "cpus": 4,
        "memory_mb": 16000,
        "memory_free_mb": 15000,
        "disk_free_mb": {"/": 50000, "/var": 50000},
        "kvm": {"works": True, "why": ""},
        "cpu_flags": ["vmx"],
        "openvswitch": "loadable",
        "container": False,
        "systemd": "running",
        "os": {"id": "debian", "version": "13", "name": "Debian GNU/Linux 13"},
        "default_route": {"gateway": "192.0.2.1", "device": "eno1"},
        "nics": [
            nic("lo", number, "00:00:00:00:00:00", "127.0.0.1/8", 65536),
            nic("eno1", number, address=f"{ADDRESSES[host]}/24"),
            nic("eno2", number),
            nic("eno3", number, address=f"198.51.100.1{number}/24"),
        ],
        "ports": [],
        "storage": {
            "disks": {
                "/dev/sda": {"bytes": 10**12, "used": "partitioned (sda1)"},
                "/dev/sda1": {"bytes": 10**12, "used": "mounted at /"},
                "/dev/sdb": {"bytes": 10**12, "used": ""},
                "/dev/sdc": {"bytes": 10**9, "used": ""},
                "/dev/sdd": {"bytes": 10**12, "used": "held by vms-root"},
            },
            "links": {"/dev/disk/by-id/wwn-1": "/dev/sdb"},
            "kernel": dict.fromkeys(
                ("device_mapper", "nvmet_tcp", "nvme_tcp", "iscsi_target", "iscsi", "nfs"), True
            ),
            "taken": [],
        },
        **changes,
    }


def nic(
    name: str, number: int, mac: str = "", address: str = "", mtu: int = 1500
) -> dict[str, Any]:
    """Return a NIC of the host with this number."""
    place = name[-1] if name[-1].isdigit() else "0"
    return {
        "name": name,
        "mac": mac or f"52:54:00:00:0{place}:1{number}",
        "ipv4": [address] if address else [],
        "mtu": mtu,
        "kind": "",
        "up": True,
    }


def grounds(host: str, **changes: Any) -> dict[str, Any]:
    """Return what a healthy host that nobody used before carries, with changes."""
    return {
        "user": "root",
        "machine_id": f"machine-{host}",
        "host_keys": [f"ssh-ed25519 KEY-{host}"],
        "authority": "",
        "packages": [],
        "containers": [],
        "databases": [],
        "firewall": {"ufw": None, "firewalld": None, "rules": None},
        "network_manager": [],
        "nested": "on",
        "disks": {"/": {"total_mb": 60000, "free_mb": 50000}},
        **changes,
    }


def look(
    host: str, cloud: Cloud, said: Mapping[str, Any], carries: Mapping[str, Any], **more: Any
) -> Look:
    """Return a host's answer with its NICs resolved."""
    return Look(
        host,
        f"root@{ADDRESSES[host]}:22",
        facts=said,
        grounds=carries,
        margin=0.001,
        nics=resolve(cloud, host, said),
        **{"ports": PORTS if host == "c" else (), **more},
    )


def scene(
    *,
    cloud: Mapping[str, Any] | None = None,
    said: Mapping[str, Mapping[str, Any]] | None = None,
    carries: Mapping[str, Mapping[str, Any]] | None = None,
    offsets: Mapping[str, float] | None = None,
    before: Mapping[str, Mapping[str, Any]] | None = None,
) -> Scene:
    """Return three healthy hosts with changes: of the input, of facts, of grounds, by host."""
    data = copy.deepcopy(DATA)
    for path, value in (cloud or {}).items():
        place = data
        *parents, last = path.split(".")
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = value
    parsed = Cloud.model_validate(data)
    looks = {
        host: look(
            host,
            parsed,
            facts(host, **(said or {}).get(host, {})),
            grounds(host, **(carries or {}).get(host, {})),
            offset=(offsets or {}).get(host, 0.0),
        )
        for host in ADDRESSES
    }
    return Scene(parsed, looks, before or {}, AUTHORITY, ADDRESSES)
