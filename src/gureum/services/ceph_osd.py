"""Ceph's OSDs: one for each disk of a storage host, under a unit that is called after the disk."""

from __future__ import annotations

from gureum.model.device_name import short
from gureum.services.ceph_keys import BOOTSTRAP_KEYRING, key
from gureum.services.ceph_layout import CONF, fsid, monitors, osd_uuid, unread_by
from gureum.services.context import Context
from gureum.services.declaration import Task, TextFile, Unit
from gureum.steps.ceph import CephOsdMade
from gureum.steps.notice import Effect, Notice

START = "/usr/local/lib/gureum/bin/ceph-osd-of"
_START = """\
#!/bin/sh
# Starts the OSD whose folder is given. Its number is known to the folder alone: Ceph gave it out.
exec /usr/bin/ceph-osd -f --cluster ceph --id "$(cat "$1/whoami")" --osd-data "$1"
"""


def folder(device: str) -> str:
    """Return the folder of a disk's OSD."""
    return f"/var/lib/ceph/osd/gureum-{short(device)}"


def unit_name(device: str) -> str:
    """Return the name of the unit of a disk's OSD."""
    return f"ceph-osd-{short(device)}"


def starter() -> TextFile:
    """Return the program that every OSD's unit starts."""
    return TextFile(
        path=START,
        content=_START,
        why="a unit is called after its disk, which people know, and the OSD after a number that Ceph "
        "gives out when it is made",
        mode=0o755,
    )


def made(c: Context, device: str) -> Task:
    """Return the task that makes the OSD of a disk."""
    assert c.cloud.ceph is not None
    disk = device.startswith("/dev/")
    uuid = osd_uuid(c, c.host, device)
    return Task(
        id=f"ceph.osd.{short(device)}",
        state=CephOsdMade(
            uuid=uuid,
            fsid=fsid(c),
            device=device,
            file_bytes=0 if disk else c.cloud.ceph.file_gigabytes * 2**30,
            folder=folder(device),
            key=key(c, f"osd.{uuid}"),
            conf=CONF,
            keyring=BOOTSTRAP_KEYRING,
        ),
        why=f"{device} belongs to Ceph; one that holds anything else is left alone",
        needs=(
            f"{monitors(c)[0]}/ceph.cluster",
            f"ceph.file.{BOOTSTRAP_KEYRING}",
            f"ceph.file.{CONF}",
            "ceph.directories",
        ),
        timeout=600,
    )


def unit(c: Context, device: str) -> Unit:
    """Return the unit of a disk's OSD."""
    disk = device.startswith("/dev/")
    place = folder(device)
    alone = len(c.storage_hosts) == 1
    return Unit(
        name=unit_name(device),
        description=f"Ceph keeps data on {device}",
        user="ceph",
        command=(START, place),
        notice=Notice(
            says="data of Ceph on this host waits"
            if alone
            else "Ceph writes fewer copies for a while",
            seconds=8 if alone else 0,
            effect=Effect.LATER,
        ),
        reads=(CONF, START),
        unread=unread_by("osd"),
        needs=(f"ceph.osd.{short(device)}",),
        service_lines=(
            # The kernel gives a disk to root at each boot.
            *((f"ExecStartPre=+/bin/chown ceph:ceph {device}",) if disk else ()),
            "ExecReload=/bin/kill -HUP $MAINPID",
            "LimitNOFILE=1048576",
            "LimitNPROC=1048576",
            "TasksMax=infinity",
        ),
        opens_disks=disk,
        writes=("/var/lib/ceph", "/var/log/ceph", "/run/ceph"),
    )
