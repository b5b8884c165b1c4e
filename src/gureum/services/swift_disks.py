"""Disks of Swift: an XFS on each, mounted under its name in the rings, at every boot."""

from __future__ import annotations

from gureum.model.device_name import short
from gureum.services.context import Context
from gureum.services.declaration import Task, TextFile, Unit
from gureum.services.swift_layout import disk_uuid, place
from gureum.steps.notice import Effect, Notice
from gureum.steps.swift import SwiftDiskMounted

MOUNT = "/usr/local/lib/gureum/bin/swift-mount"
_MOUNT = '''\
#!/usr/bin/python3
"""Mounts a disk of Swift, DEVICE at PLACE, if it is not mounted yet; a file by a loop device.

The device of a loop is made where nobody else makes it: a container's /dev is its own.
"""
import fcntl
import os
import shutil
import stat
import subprocess
import sys

GET_FREE = 0x4C82


def node(path, major, minor):
    if not os.path.exists(path):
        kind = stat.S_IFCHR if path.endswith("control") else stat.S_IFBLK
        os.mknod(path, kind | 0o600, os.makedev(major, minor))


def device_of(file):
    # A second device of one file would be a second file system on the same data.
    listed = subprocess.run(["losetup", "-n", "-O", "NAME", "-j", file], capture_output=True)
    found = listed.stdout.decode().split()
    if found:
        node(found[0], 7, int(found[0].removeprefix("/dev/loop")))
        return found[0], ""
    node("/dev/loop-control", 10, 237)
    with open("/dev/loop-control") as control:
        number = fcntl.ioctl(control, GET_FREE)
    node(f"/dev/loop{number}", 7, number)
    return file, f",loop=/dev/loop{number}"


device, place = sys.argv[1:]
tries = 10
while not os.path.ismount(place) and tries:
    tries -= 1
    os.makedirs(place, mode=0o755, exist_ok=True)
    source, more = (device, "") if device.startswith("/dev/") else device_of(device)
    # A disk that was pulled may be held by a program for a while: the one in its place bears its id.
    words = ["mount", "-t", "xfs", "-o", "noatime,nouuid" + more, source, place]
    # Another host may have taken the loop device meanwhile; then it is tried again.
    done = subprocess.run(words, capture_output=True)
if not os.path.ismount(place):
    sys.exit(done.stderr.decode().strip())
shutil.chown(place, "swift", "swift")
'''


def unit_name(device: str) -> str:
    """Return the name of the unit that mounts a disk."""
    return f"swift-disk-{short(device)}"


def step(device: str) -> str:
    """Return the id of the step after which a disk is mounted."""
    return f"swift.disk.{short(device)}"


def mounter() -> TextFile:
    """Return the program that mounts a disk."""
    return TextFile(
        path=MOUNT,
        content=_MOUNT,
        why="a disk is mounted at boot in the same way as when it is made, and a missing one keeps no other "
        "from being used",
        mode=0o755,
    )


def mounted(c: Context, device: str) -> Task:
    """Return the task that makes a disk's file system and mounts it."""
    assert c.cloud.swift is not None
    return Task(
        id=step(device),
        state=SwiftDiskMounted(
            uuid=disk_uuid(c, device),
            device=device,
            place=place(device),
            file_bytes=0 if device.startswith("/dev/") else c.cloud.swift.file_gigabytes * 2**30,
            mounter=MOUNT,
        ),
        why=f"objects lie on {device}; a disk that holds anything else is left alone",
        needs=("base.packages", "swift.directories", f"swift.file.{MOUNT}"),
        timeout=400,
    )


def unit(device: str) -> Unit:
    """Return the unit that mounts a disk at boot."""
    return Unit(
        name=unit_name(device),
        description=f"mounts {device} for Swift",
        user="root",
        command=(MOUNT, device, place(device)),
        notice=Notice(says="nobody notices: a mounted disk stays", effect=Effect.NOBODY),
        reads=(MOUNT,),
        needs=(step(device),),
        oneshot=True,
        hardened=False,
    )
