"""Checks whether this machine can hold a lab, before anything is made."""

from __future__ import annotations

import os
from pathlib import Path

from gureum.diagnostics import Diagnostic, Severity
from gureum.lab import kvm, network, tools
from gureum.lab.record import Record

DISK = 8 * 2**30
MEMORY = 4 * 2**30


def check(lab: str, record: Record | None, folders: tuple[Path, ...]) -> list[Diagnostic]:
    """Return what keeps this machine from holding the lab, and what to do about each.

    Links that bear the lab's id are its own where it has a record, and leftovers where not.
    """
    found: list[Diagnostic] = []
    if os.geteuid() != 0:
        found.append(
            Diagnostic(
                "the lab makes hosts, networks and mounts: it needs root",
                hint="run the same command with sudo",
            )
        )
    if names := tools.missing():
        found.append(
            Diagnostic(
                f"missing tools: {', '.join(names)}",
                Severity.WARNING if os.geteuid() == 0 else Severity.ERROR,
                detail="as root, the lab installs them by itself",
                hint=f"sudo apt-get install --no-install-recommends {' '.join(names)}",
            )
        )
    if record is None:
        found += [problem for folder in folders for problem in _disk(folder)]
    found += _memory()
    if record is None and (taken := network.links(lab)):
        found.append(
            Diagnostic(
                f"links of a lab that is not recorded are in the way: {', '.join(taken)}",
                Severity.WARNING,
                detail="they are removed when the lab is created",
                hint="gureum lab destroy",
            )
        )
    works, why = kvm.works()
    if not works:
        found.append(
            Diagnostic(
                "VMs will be emulated, which is slow",
                Severity.WARNING,
                detail=why,
                hint="use a machine with hardware virtualisation, or turn nested KVM on",
            )
        )
    return found


def _disk(folder: Path) -> list[Diagnostic]:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    disk = os.statvfs(existing)
    free = disk.f_bavail * disk.f_frsize
    if free >= DISK:
        return []
    return [
        Diagnostic(
            f"too little free disk space in {existing}: {free / 2**30:.1f} GiB",
            detail=f"a lab with one cloud needs {DISK / 2**30:.0f} GiB there",
            hint=f"df -h {existing}",
        )
    ]


def _memory() -> list[Diagnostic]:
    with open("/proc/meminfo") as source:
        fields = dict(line.split(":", 1) for line in source)
    available = int(fields["MemAvailable"].split()[0]) * 1024
    if available >= MEMORY:
        return []
    return [
        Diagnostic(
            f"little memory is available: {available / 2**30:.1f} GiB",
            Severity.WARNING,
            detail=f"a cloud on one host wants {MEMORY / 2**30:.0f} GiB",
            hint="ps -e --sort=-rss -o rss,comm | head",
        )
    ]
