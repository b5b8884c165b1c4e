"""Disk space for hosts on a file system that shares blocks between copies (reflinks).

Snapshots are copies; with reflinks one takes a tenth of a second. Where the file system of the
labs has none (ext4), a sparse file with XFS on a loop device serves, one for all labs of a folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

from gureum.errors import LabError
from gureum.lab.command import run, succeeds

FICLONE = 0x40049409
LARGEST = 400 * 2**30
SMALLEST = 4 * 2**30
RESERVE = 3 * 2**30
"""What the file must leave to the rest of the machine when it is full."""


def open_for(home: Path) -> Path:
    """Return the folder for the hosts of the lab `home`; the caller holds the machine's lock."""
    labs = home.parent
    labs.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _file(labs).exists() and shares_blocks(labs):
        folder = home / "disk"
    else:
        _mount(labs)
        folder = _mounted(labs) / home.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def close_for(home: Path) -> None:
    """Remove what the lab `home` has on disk, and the shared file with the last lab in it.

    The caller holds the machine's lock.
    """
    labs = home.parent
    shutil.rmtree(home / "disk", ignore_errors=True)
    if not _file(labs).exists():
        return
    mounted = _mounted(labs)
    if mounted.is_mount():
        shutil.rmtree(mounted / home.name, ignore_errors=True)
        if any(mounted.iterdir()):
            return
        _unmount(mounted)
    elif _remaining(labs, home):
        return
    if mounted.is_dir():
        mounted.rmdir()
    _file(labs).unlink()


def shares_blocks(folder: Path) -> bool:
    """Tell whether files in a folder can share blocks and it can hold layers, by trying it."""
    if not holds_layers(folder):
        return False
    with tempfile.TemporaryFile(dir=folder) as one, tempfile.TemporaryFile(dir=folder) as other:
        one.write(b"gureum")
        one.flush()
        try:
            fcntl.ioctl(other.fileno(), FICLONE, one.fileno())
        except OSError:
            return False
    return True


def holds_layers(folder: Path) -> bool:
    """Tell whether hosts can write to layers in a folder; in most containers they cannot."""
    kind = run("findmnt", "--noheadings", "--output=FSTYPE", "--target", folder)
    return kind.strip() != "overlay"


def _mount(labs: Path) -> None:
    mounted = _mounted(labs)
    if mounted.is_mount():
        return
    file = _file(labs)
    if not file.exists():
        _make(file)
    mounted.mkdir(mode=0o700, exist_ok=True)
    if attached := _attached(file):
        run("losetup", "--detach", *attached)
    # Without the machine's page cache in between, a sync takes half the time.
    device = run("losetup", "--find", "--show", "--direct-io=on", file).strip()
    try:
        options = "noatime,nodiratime,discard"
        summary = "the disk of the labs cannot be mounted"
        run("mount", "-t", "xfs", "-o", options, device, mounted, summary=summary)
    finally:
        # A device in use is let go with its last user, so nothing is left to forget.
        run("losetup", "--detach", device)


def _attached(file: Path) -> list[str]:
    """Return the loop devices of a run that was killed before it mounted them."""
    return run("losetup", "--list", "--noheadings", "--output=NAME", "-j", file).split()


def _unmount(mounted: Path) -> None:
    """Unmount the disk, waiting a moment for the kernel to take in the end of hosts on it."""
    end = time.monotonic() + 5
    while not succeeds("umount", mounted):
        if time.monotonic() > end:
            run("umount", mounted, summary="the disk of the labs is still in use")
        time.sleep(0.05)


def _make(file: Path) -> None:
    disk = os.statvfs(file.parent)
    free = disk.f_bavail * disk.f_frsize
    size = min(LARGEST, free - RESERVE)
    if size < SMALLEST:
        raise LabError(
            f"too little free disk space in {file.parent}: {free / 2**30:.1f} GiB",
            detail=f"a lab needs at least {(SMALLEST + RESERVE) / 2**30:.0f} GiB",
            hint=f"df -h {file.parent}",
        )
    # Made under another name: a run killed in between leaves no half-made file system behind.
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
        out.truncate(size // 2**20 * 2**20)
    run("mkfs.xfs", "-q", "-m", "reflink=1", new, summary="the disk of the labs cannot be made")
    new.rename(file)


def _file(labs: Path) -> Path:
    return labs / ".disk.xfs"


def _mounted(labs: Path) -> Path:
    return labs / ".disk"


def _remaining(labs: Path, home: Path) -> bool:
    """Tell whether other labs are recorded beside `home`, whose disk is only not mounted now."""
    return any(record.parent != home for record in labs.glob("*/lab.json"))
