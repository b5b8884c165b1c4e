"""How a host feels right now, by the kernel's own numbers."""

from __future__ import annotations

import os
from typing import Any

DISKS = ("/", "/var", "/var/lib", "/var/lib/mysql", "/var/lib/glance", "/var/lib/nova", "/var/log")
"""Folders that the cloud writes to; those on one file system are told once."""


def vitals() -> dict[str, Any]:
    """Return `up_since`, `load` (1, 5, 15 minutes), `memory_mb`, `memory_free_mb` and `disks`."""
    memory = _memory(_text("/proc/meminfo"))
    return {
        "up_since": _up_since(_text("/proc/stat"), _text("/proc/1/stat")),
        "load": list(os.getloadavg()),
        "cpus": os.cpu_count() or 1,
        "memory_mb": memory.get("MemTotal", 0) // 1024,
        "memory_free_mb": memory.get("MemAvailable", 0) // 1024,
        "disks": _disks(),
    }


def _up_since(stat: str, first: str) -> float:
    """Return when process 1 began: a container's own start, where the kernel's is its machine's."""
    booted = next(int(line.split()[1]) for line in stat.splitlines() if line.startswith("btime"))
    # The name in parentheses may hold anything, so fields are counted from behind it.
    ticks = int(first.rpartition(")")[2].split()[19])
    return booted + ticks / os.sysconf("SC_CLK_TCK")


def _memory(text: str) -> dict[str, int]:
    return {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines() if ":" in line}


def _disks() -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for path in DISKS:
        try:
            device, room = os.stat(path).st_dev, os.statvfs(path)
        except OSError:
            continue
        if device not in found:
            block = room.f_frsize
            found[device] = {
                "path": path,
                "free_mb": room.f_bavail * block // 2**20,
                "total_mb": room.f_blocks * block // 2**20,
                "free_inodes": room.f_favail,
            }
    return list(found.values())


def _text(path: str) -> str:
    with open(path, errors="replace") as source:
        return source.read()
