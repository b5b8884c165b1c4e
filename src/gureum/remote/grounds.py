"""What is on a host that is not gureum's: other clouds, firewalls, owners of NICs, its identity.

All of it is read from files where files tell, so that it costs an apply next to nothing.
"""

from __future__ import annotations

import glob
import os
import pwd
import time
from typing import Any

from gureum.remote import grounds_firewall
from gureum.remote.process import run
from gureum.remote.text_file import text_of

CLOUDS_OWN = (
    "keystone", "glance-api", "placement-api", "nova-api", "nova-compute", "nova-conductor",
    "nova-scheduler", "neutron-server", "neutron-api", "neutron-openvswitch-agent",
    "neutron-ovn-metadata-agent", "neutron-l3-agent", "neutron-dhcp-agent", "cinder-api",
    "cinder-volume", "heat-api", "openstack-dashboard", "ceilometer-agent-compute", "designate-api",
    "octavia-api", "ironic-api", "swift-proxy",
)  # fmt: skip
"""Packages by which the distribution brings a cloud of its own; gureum installs none of them."""
STANDARD = {"mysql", "performance_schema", "sys", "test", "#innodb_redo", "lost+found"}
AUTHORITY = "/etc/gureum/ca.pem"
INVOCATION = "/run/systemd/units/invocation:"


def grounds() -> dict[str, Any]:
    """Return what a host carries beside gureum's own: nothing is changed and nothing waited for."""
    return {
        "user": pwd.getpwuid(os.geteuid()).pw_name,
        "machine_id": text_of("/etc/machine-id").strip(),
        "host_keys": _host_keys(),
        "authority": text_of(AUTHORITY),
        "packages": [p for p in CLOUDS_OWN if os.path.exists(f"/var/lib/dpkg/info/{p}.list")],
        "containers": _containers(),
        "databases": _databases(),
        "firewall": grounds_firewall.firewall(),
        "network_manager": _network_manager(),
        "nested": _nested(),
        "disks": _disks(),
    }


def clock() -> float:
    """Return the host's time; asked alone, for the way of the question counts."""
    return time.time()


def active(unit: str) -> bool:
    """Tell whether systemd runs a unit, without asking it."""
    return os.path.lexists(f"{INVOCATION}{unit}")


def _host_keys() -> list[str]:
    texts = (text_of(path) for path in sorted(glob.glob("/etc/ssh/ssh_host_*_key.pub")))
    return [" ".join(text.split()[:2]) for text in texts if text.strip()]


def _containers() -> list[str]:
    """Return the names of Docker's and podman's containers."""
    import json

    found = []
    for path in glob.glob("/var/lib/docker/containers/*/config.v2.json"):
        try:
            found.append(str(json.loads(text_of(path)).get("Name", "")).lstrip("/"))
        except ValueError:
            continue
    try:
        listed = json.loads(
            text_of("/var/lib/containers/storage/overlay-containers/containers.json")
        )
        found += [str((entry.get("names") or [entry.get("id", "")])[0]) for entry in listed]
    except ValueError:
        pass
    return sorted(name for name in found if name)


def _databases() -> list[str]:
    """Return the databases in MariaDB's folder, beside those that every server has."""
    try:
        entries = list(os.scandir("/var/lib/mysql"))
    except OSError:
        return []
    return sorted(e.name for e in entries if e.is_dir() and e.name not in STANDARD)


def _network_manager() -> list[dict[str, str]]:
    """Return the NICs that NetworkManager manages, with state and connection of each."""
    if not active("NetworkManager.service"):
        return []
    done = run(("nmcli", "-t", "-f", "DEVICE,STATE,CONNECTION", "device"), timeout=5)
    found = []
    for line in done.output.splitlines():
        fields = [*line.split(":"), "", ""]
        if fields[1] and "unmanaged" not in fields[1] and fields[0] != "lo":
            found.append({"device": fields[0], "state": fields[1], "connection": fields[2]})
    return found if done.exit == 0 else []


def _nested() -> str:
    """Return whether VMs here could run VMs themselves: `on`, `off`, or empty for unknown."""
    for module in ("kvm_intel", "kvm_amd"):
        said = text_of(f"/sys/module/{module}/parameters/nested").strip()
        if said:
            return "on" if said in ("1", "Y") else "off"
    return ""


def _disks() -> dict[str, dict[str, int]]:
    """Return the sizes of the file systems that matter, each under the first path on it."""
    found: dict[str, dict[str, int]] = {}
    known: set[int] = set()
    for path in ("/", "/var", "/opt"):
        if os.path.isdir(path) and os.stat(path).st_dev not in known:
            known.add(os.stat(path).st_dev)
            stat = os.statvfs(path)
            found[path] = {
                "total_mb": stat.f_blocks * stat.f_frsize // 2**20,
                "free_mb": stat.f_bavail * stat.f_frsize // 2**20,
            }
    return found
