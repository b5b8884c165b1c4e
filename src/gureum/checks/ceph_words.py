"""What Ceph complains of, in plain words, with the line that leads on.

Ceph's checks are known by their code; what has no words here is told in Ceph's own. Some are
consequences of others, and the cause alone is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Found = Mapping[str, Any]
Words = tuple[str, ...]


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong with Ceph.

    `broken` means that data cannot be used. `line` is what to type on `host`, a monitor's; where a
    unit is the cause, its log on `host` tells more.
    """

    says: str
    broken: bool
    host: str
    line: Words = ()
    unit: str = ""
    evidence: Words = ()


def complaints(found: Found, monitor: str, disks: int, monitors: int) -> tuple[Complaint, ...]:
    """Return what is wrong by `remote.ceph_health.health`, what keeps data from being used first.

    `monitor` is the host that was asked; `disks` and `monitors` say how many of them the input has.
    """
    if found["silent"]:
        said = f"Ceph does not answer, and what lies in it waits: {found['silent']}"
        return (Complaint(said, True, monitor, unit=f"ceph-mon@{monitor}"),)
    seen = {one["code"]: one for one in found["complaints"]}
    told = [*_disks(found, monitor, disks), *_monitors(found, monitor, monitors)]
    for code, one in seen.items():
        if code in _TOLD_BY_OTHERS or set(seen) & _CONSEQUENCE_OF.get(code, frozenset()):
            continue
        word = _WORDS.get(code)
        says = word.says(found, one) if word else f"Ceph says: {one['says']}"
        line = word.line if word else ("ceph", "health", "detail")
        broken = word.broken if word else bool(one["error"])
        told.append(Complaint(says, broken, monitor, line, evidence=tuple(one["detail"])))
    return tuple(sorted(told, key=lambda one: not one.broken))


def room(found: Found) -> str:
    """Return how much of its room Ceph has used."""
    used, total = found["used"], found["total"]
    if not total:
        return "no room at all"
    return f"{used / 2**30:.1f} of {total / 2**30:.1f} GB used ({used / total:.0%})"


def in_short(found: Found) -> str:
    """Return in one line what there is of Ceph."""
    up = sum(disk["up"] for disk in found["disks"])
    agree, monitors = len(found["agree"]), len(found["monitors"])
    who = "its monitor answers" if monitors == 1 else f"{agree} of {monitors} monitors agree"
    return f"{up} of {len(found['disks'])} disks up, {who}, {room(found)}"


def _disks(found: Found, monitor: str, wanted: int) -> list[Complaint]:
    told = []
    for disk in found["disks"]:
        if disk["up"]:
            continue
        host, folder = disk["host"], disk["folder"]
        says = f"osd.{disk['osd']}{f' of {host}' if host else ''}, a disk of Ceph, is down"
        if host and folder.startswith("gureum-"):
            unit = folder.replace("gureum-", "ceph-osd-", 1)
            told.append(Complaint(says, False, host, unit=unit))
        else:
            told.append(Complaint(says, False, monitor, ("ceph", "osd", "tree")))
    known = len(found["disks"])
    if known and not any(disk["up"] for disk in found["disks"]):
        says = "no disk of Ceph is up: nothing that lies there can be read or written, and VMs wait"
        told.append(Complaint(says, True, monitor, ("ceph", "osd", "tree")))
    if known < wanted:
        says = f"Ceph knows {known} of {wanted} disks"
        told.append(Complaint(says, False, monitor, ("ceph", "osd", "tree")))
    return told


def _monitors(found: Found, monitor: str, wanted: int) -> list[Complaint]:
    there, agree = found["monitors"], found["agree"]
    told = [
        Complaint(
            f"the monitor of Ceph on {name} is missing; {len(agree)} of {len(there)} agree",
            False,
            name,
            unit=f"ceph-mon@{name}",
        )
        for name in there
        if name not in agree
    ]
    if len(there) < wanted:
        says = f"Ceph has {len(there)} of {wanted} monitors"
        told.append(Complaint(says, False, monitor, ("ceph", "mon", "stat")))
    return told


@dataclass(frozen=True)
class _Word:
    """A check of Ceph: what it means, whether data cannot be used, and the line on a monitor's host."""

    says: Callable[[Found, Found], str]
    line: Words = ("ceph", "health", "detail")
    broken: bool = False


def _plainly(text: str) -> Callable[[Found, Found], str]:
    return lambda _, one: text.format(ceph=one["says"])


_FULL = (
    "Ceph is full, {room}: nothing can be written, and VMs whose disks or volumes lie there stand still; "
    "delete volumes, backups or images, or give it another disk (cloud.yaml: ceph.devices)"
)
_WORDS: Mapping[str, _Word] = {
    "OSD_FULL": _Word(lambda found, _: _FULL.format(room=room(found)), ("ceph", "df"), broken=True),
    "POOL_FULL": _Word(
        _plainly("a pool of Ceph is full, and nothing can be written to it: {ceph}"),
        ("ceph", "df", "detail"),
        broken=True,
    ),
    "OSD_BACKFILLFULL": _Word(
        _plainly("a disk of Ceph is too full to take over copies of another: {ceph}"),
        ("ceph", "osd", "df"),
    ),
    "OSD_NEARFULL": _Word(
        lambda found, _: (
            f"Ceph fills up, {room(found)}: once a disk is full nothing can be written any more; delete "
            "what is not needed, or give it another disk (cloud.yaml: ceph.devices)"
        ),
        ("ceph", "df"),
    ),
    "PG_AVAILABILITY": _Word(
        _plainly(
            "a part of what lies in Ceph can be neither read nor written, and VMs wait: {ceph}"
        ),
        ("ceph", "pg", "dump_stuck"),
        broken=True,
    ),
    "PG_DEGRADED": _Word(
        _plainly("copies are missing in Ceph, nothing is lost: {ceph}"), ("ceph", "-s")
    ),
    "PG_DAMAGED": _Word(_plainly("copies in Ceph differ from each other: {ceph}"), broken=True),
    "OBJECT_UNFOUND": _Word(
        _plainly("the newest state of some data is on no disk that is up: {ceph}"), broken=True
    ),
    "SLOW_OPS": _Word(_plainly("Ceph answers slowly: {ceph}")),
    "OSDMAP_FLAGS": _Word(
        _plainly("somebody has told Ceph not to do some of its work: {ceph}"),
        ("ceph", "osd", "stat"),
    ),
    "MON_DISK_LOW": _Word(
        _plainly("a monitor of Ceph runs out of disk: {ceph}"), ("df", "-h", "/var")
    ),
    "MON_DISK_CRIT": _Word(
        _plainly("a monitor of Ceph has no disk left: {ceph}"), ("df", "-h", "/var"), broken=True
    ),
    "MGR_DOWN": _Word(
        _plainly("no manager of Ceph runs; its numbers are old, its data is not concerned"),
        ("ceph", "mgr", "stat"),
    ),
    "RECENT_CRASH": _Word(
        _plainly("a daemon of Ceph has crashed of late: {ceph}"), ("ceph", "crash", "ls-new")
    ),
}
_TOLD_BY_OTHERS = frozenset(("OSD_DOWN", "OSD_HOST_DOWN", "OSD_ROOT_DOWN", "MON_DOWN"))
"""What disks and monitors tell by themselves, each with its host."""
_CONSEQUENCE_OF: Mapping[str, frozenset[str]] = {
    "POOL_FULL": frozenset(("OSD_FULL",)),
    "POOL_NEARFULL": frozenset(("OSD_FULL", "OSD_BACKFILLFULL", "OSD_NEARFULL")),
    "POOL_BACKFILLFULL": frozenset(("OSD_FULL", "OSD_BACKFILLFULL")),
    "OSD_BACKFILLFULL": frozenset(("OSD_FULL",)),
    "OSD_NEARFULL": frozenset(("OSD_FULL", "OSD_BACKFILLFULL")),
    "PG_BACKFILL_FULL": frozenset(("OSD_FULL", "OSD_BACKFILLFULL")),
    "PG_RECOVERY_FULL": frozenset(("OSD_FULL",)),
}
