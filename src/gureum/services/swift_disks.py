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

Loop devices are the machine's: containers share them and see those of each other, with files of the
same path in each. So which file one is of is told by the file's number and never by its name, and the
device is made where nobody else makes it, for a container's /dev is its own.
"""
import fcntl
import glob
import os
import shutil
import stat
import struct
import subprocess
import sys

SET_FILE, SET_STATUS, GET_STATUS, GET_FREE = 0x4C00, 0x4C04, 0x4C05, 0x4C82
STATUS_BYTES = 232
GOES_WITH_ITS_MOUNT = 4


def node(path, major, minor):
    if not os.path.exists(path):
        kind = stat.S_IFCHR if path.endswith("control") else stat.S_IFBLK
        os.mknod(path, kind | 0o600, os.makedev(major, minor))
    return path


def loop_of(file):
    """Return the loop device that this very file has, None if it has none."""
    wanted = os.stat(file)
    for held in glob.glob("/sys/block/loop*/loop"):
        number = held.split("/")[3].removeprefix("loop")
        path = f"/dev/loop{number}"
        there = os.path.exists(path)
        try:
            with open(node(path, 7, int(number)), "rb") as device:
                status = fcntl.ioctl(device, GET_STATUS, bytes(STATUS_BYTES))
            if struct.unpack_from("QQ", status) == (wanted.st_dev, wanted.st_ino):
                return path
        except OSError:
            pass
        if not there:
            os.unlink(path)
    return None


def loop_for(file):
    """Give a file a loop device; returns it, open, for it is gone once nobody has it open or mounted."""
    with open(node("/dev/loop-control", 10, 237)) as control:
        number = fcntl.ioctl(control, GET_FREE)
    device = open(node(f"/dev/loop{number}", 7, number), "r+b", buffering=0)
    try:
        with open(file, "r+b") as backing:
            fcntl.ioctl(device, SET_FILE, backing.fileno())
        status = struct.pack("52xI64s", GOES_WITH_ITS_MOUNT, os.fsencode(file)[:63])
        fcntl.ioctl(device, SET_STATUS, status + bytes(STATUS_BYTES - len(status)))
    except OSError:
        device.close()
        raise
    return device


def mount(device, place):
    # A disk that was pulled may be held by a program for a while: the one in its place bears its id.
    words = ["mount", "-t", "xfs", "-o", "noatime,nouuid", device, place]
    done = subprocess.run(words, capture_output=True)
    return done.stderr.decode().strip()


def attempt(disk, place):
    if disk.startswith("/dev/"):
        return mount(disk, place)
    # A second device of one file would be a second file system on the same data.
    if device := loop_of(disk):
        return mount(device, place)
    try:
        with loop_for(disk) as device:
            return mount(device.name, place)
    except OSError as error:
        # Another host may have taken the loop device meanwhile; then it is tried again.
        return f"{disk}: no loop device: {error}"


disk, place = sys.argv[1:]
said, tries = "", 10
while not os.path.ismount(place) and tries:
    tries -= 1
    os.makedirs(place, mode=0o755, exist_ok=True)
    said = attempt(disk, place)
if not os.path.ismount(place):
    sys.exit(said)
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
