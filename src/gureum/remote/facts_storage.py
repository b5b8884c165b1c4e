"""Facts about disks, and about what the kernel can do with them."""

from __future__ import annotations

import os
from typing import Any

from gureum.remote.text_file import text_of

BLOCK = "/sys/class/block"
OSDS = "/var/lib/ceph/osd"
SECTOR = 512
FILE_SYSTEMS = "/proc/filesystems"
MODULES = {
    "device_mapper": ("dm_mod", "dm-mod", "/sys/class/misc/device-mapper"),
    "nvmet_tcp": ("nvmet_tcp", "nvmet-tcp", "/sys/module/nvmet_tcp"),
    "nvme_tcp": ("nvme_tcp", "nvme-tcp", "/sys/module/nvme_tcp"),
    "iscsi_target": ("iscsi_target_mod", "iscsi_target_mod", "/sys/module/iscsi_target_mod"),
    "iscsi": ("iscsi_tcp", "iscsi_tcp", "/sys/module/iscsi_tcp"),
    "xfs": ("xfs", "xfs", "/sys/fs/xfs"),  # or a line of FILE_SYSTEMS, all that a container sees
    "nfs": ("nfs", "nfs", "/sys/module/nfs"),
}
"""What of the kernel storage stands on: module, its file's name, and a path that is there with it."""


def storage() -> dict[str, Any]:
    """Return `disks` by path, `links` to them, `kernel`: what it has or could load, and `taken`.

    `taken` are the disks of Ceph's OSDs here, as these name them: they are used as they should be.
    """
    return {"disks": _disks(), "links": _links(), "kernel": _kernel(), "taken": _taken()}


def _taken() -> list[str]:
    places = (f"{OSDS}/{name}/block" for name in _listed(OSDS))
    return [os.readlink(place) for place in places if os.path.islink(place)]


def _kernel() -> dict[str, bool]:
    """Return which of `MODULES` are there, built in, or can be loaded."""
    folder = f"/lib/modules/{os.uname().release}"
    known = text_of(f"{folder}/modules.dep") + text_of(f"{folder}/modules.builtin")
    mountable = text_of(FILE_SYSTEMS).split()
    return {
        what: os.path.exists(path)
        or what in mountable
        or os.path.isdir(f"/sys/module/{module}")
        or f"/{file}.ko" in known
        for what, (module, file, path) in MODULES.items()
    }


def _disks() -> dict[str, dict[str, Any]]:
    """Return each block device: its bytes, and what it is used for, nothing where it looks free."""
    mounted = {line.split()[0]: line.split()[1] for line in text_of("/proc/mounts").splitlines()}
    swaps = {line.split()[0] for line in text_of("/proc/swaps").splitlines()[1:]}
    try:
        names = sorted(os.listdir(BLOCK))
    except OSError:
        return {}
    found = {}
    for name in names:
        path = f"/dev/{name.replace('!', '/')}"
        if name.startswith(("loop", "ram")) or not os.path.exists(path):
            continue
        used = f"mounted at {mounted[path]}" if path in mounted else ""
        used = used or ("swap" if path in swaps else "") or _parts(name)
        sectors = text_of(f"{BLOCK}/{name}/size").strip()
        found[path] = {"bytes": int(sectors or 0) * SECTOR, "used": used}
    return found


def _parts(name: str) -> str:
    """Return what is made of a device: partitions, or what holds it (LVM, a RAID)."""
    folder = f"{BLOCK}/{name}"
    parts = [part for part in _listed(folder) if os.path.exists(f"{folder}/{part}/partition")]
    holders = _listed(f"{folder}/holders")
    if parts:
        return f"partitioned ({', '.join(sorted(parts))})"
    names = [text_of(f"{BLOCK}/{one}/dm/name").strip() or one for one in holders]
    return f"held by {', '.join(sorted(names))}" if names else ""


def _links() -> dict[str, str]:
    """Return other paths of disks that people write: those by id, and logical volumes."""
    found = {}
    for folder in ("/dev/disk/by-id", "/dev/mapper"):
        for name in _listed(folder):
            found[f"{folder}/{name}"] = os.path.realpath(f"{folder}/{name}")
    return found


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
