"""Freezes what was installed on a host into a read-only layer that later hosts start from.

A server and a lab host are installed by the same steps: here they run on a temporary host, once,
and every host of every lab gets the outcome for nothing.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from gureum.lab import building
from gureum.lab.boot import SEEDED
from gureum.lab.command import run
from gureum.lab.image import Image

HOST_FILES = (
    "etc/environment",
    "etc/hostname",
    "etc/hosts",
    "etc/machine-id",
    "etc/pip.conf",
    "etc/resolv.conf",
    "etc/uv/uv.toml",
    "etc/apt/auth.conf",
    "etc/iscsi/initiatorname.iscsi",
    "etc/nvme/hostid",
    "etc/nvme/hostnqn",
    "etc/openvswitch/system-id.conf",
    "var/lib/rabbitmq/.erlang.cookie",
    "var/lib/systemd/random-seed",
    "root/.bash_history",
)
"""What belongs to one host only: its seed, and names and secrets that packages draw by lot."""
HOST_PATTERNS = (
    "etc/ssh/ssh_host_*",
    "etc/systemd/network/10-eth*",
    "etc/apt/auth.conf.d/*",
    "etc/apt/apt.conf.d/50machine",
    "etc/apt/sources.list.d/machine.sources",
    "root/.ssh/*",
    "root/.cache/*",
    "tmp/*",
    "tmp/.[!.]*",
    "var/tmp/*",
    "var/cache/apt/*.bin",
    "var/cache/apt/archives/*.deb",
    "var/lib/apt/lists/*",
    "var/lib/systemd/timers/*",
    "var/log/journal/*",
    "run/*",
)


def name_of(key: str, base: Image) -> str:
    """Return the name of the layer that `key` asks for on top of `base`."""
    digest = hashlib.sha256(f"{key}\n{base.key}".encode()).hexdigest()[:12]
    return f"frozen-{base.os}-{digest}"


def freeze(disk: Path, making: Path, folder: Path, base: Image) -> None:
    """Make what a stopped host wrote to `disk` the read-only image in `folder`."""
    scrub(disk / "upper")
    if disk != making:
        run("cp", "--archive", disk / "upper", making / "upper")
    shutil.rmtree(making / "work", ignore_errors=True)
    for leftover in (making / building.NOTE, making / SEEDED):
        leftover.unlink(missing_ok=True)
    Image(folder.name, base.os, (folder / "upper", *base.layers)).save(making)
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)


def scrub(upper: Path) -> None:
    """Remove from a layer what belongs to the one host that made it, and what nobody needs."""
    for name in HOST_FILES:
        (upper / name).unlink(missing_ok=True)
    for pattern in HOST_PATTERNS:
        for path in upper.glob(pattern):
            _remove(path)
    for path in (upper / "var/log").rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.unlink()
    for mark in ("etc/.updated", "var/.updated"):
        if (upper / mark).parent.is_dir():
            (upper / mark).touch()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
