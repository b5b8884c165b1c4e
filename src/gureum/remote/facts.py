"""Facts: what a host is and has, read in one quick call."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import time
from typing import Any

from gureum.remote import facts_kernel, facts_network, facts_ports, facts_storage
from gureum.remote.text_file import text_of


def facts() -> dict[str, Any]:
    """Return everything the planner asks of a host; nothing here changes or waits for anything."""
    return {
        "hostname": socket.gethostname(),
        "os": _os_release(),
        "kernel": platform.release(),
        "arch": platform.machine(),
        "python": platform.python_version(),
        "cpus": os.cpu_count() or 1,
        "memory_mb": _memory("MemTotal"),
        "memory_free_mb": _memory("MemAvailable"),
        "disk_free_mb": {path: shutil.disk_usage(path).free // 2**20 for path in ("/", "/var")},
        "nics": facts_network.nics(),
        "lab_nics": facts_network.lab_nics(),
        "network_driver": facts_network.driver(),
        "default_route": facts_network.default_route(),
        "kvm": facts_kernel.kvm(),
        "cpu_flags": facts_kernel.virtualisation_flags(),
        "openvswitch": facts_kernel.openvswitch(),
        "storage": facts_storage.storage(),
        "cgroup": 2 if os.path.exists("/sys/fs/cgroup/cgroup.controllers") else 1,
        "ports": facts_ports.listening(),
        "systemd": facts_kernel.systemd(),
        "cloud_init": os.path.isdir("/etc/cloud"),
        "container": facts_kernel.container(),
        "hostname_in_hosts": _named_in_hosts(),
        "etc_hostname": _first_line("/etc/hostname"),
        "time": time.time(),
    }


def _os_release() -> dict[str, str]:
    found = {}
    for line in _lines("/etc/os-release"):
        name, _, value = line.partition("=")
        found[name] = value.strip('"')
    return {
        "id": found.get("ID", ""),
        "version": found.get("VERSION_ID", ""),
        "name": found.get("PRETTY_NAME", ""),
    }


def _memory(name: str) -> int:
    for line in _lines("/proc/meminfo"):
        if line.startswith(name + ":"):
            return int(line.split()[1]) // 1024
    return 0


def _named_in_hosts() -> bool:
    """Return whether /etc/hosts knows this host's name; without it sudo and rabbitmq stumble."""
    name = socket.gethostname()
    return any(name in line.split("#")[0].split()[1:] for line in _lines("/etc/hosts"))


def _first_line(path: str) -> str:
    return next((line.strip() for line in _lines(path)), "")


def _lines(path: str) -> list[str]:
    return text_of(path).splitlines()
