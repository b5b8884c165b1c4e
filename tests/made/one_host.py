"""What a small host says of itself, as far as declarations ask: for clouds that no test builds."""

from __future__ import annotations

from typing import Any

FACTS: dict[str, Any] = {
    "nics": [
        {"name": "eth0", "ipv4": ["192.0.2.11/24"], "mac": "a", "mtu": 1400, "kind": "veth"},
        {"name": "eth1", "ipv4": [], "mac": "b", "mtu": 1500, "kind": "veth"},
        {"name": "eth2", "ipv4": ["198.51.100.11/24"], "mac": "c", "mtu": 1450, "kind": "veth"},
    ],
    "lab_nics": {"management": "eth0", "provider": "eth1", "tunnel": "eth2"},
    "default_route": {"device": "eth0"},
    "cpus": 2,
    "memory_mb": 16384,
    "kvm": {"works": False},
    "openvswitch": "absent",
    "os": {"id": "debian", "version": "13"},
}
