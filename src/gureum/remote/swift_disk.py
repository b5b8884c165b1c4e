"""State `swift_disk`: a disk of Swift is mounted; whatever else it holds is never written over."""

from __future__ import annotations

import os
import pwd
import shutil
from typing import Any

from gureum.remote.disk_use import is_block, make_file, refuse_used
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import must, run
from gureum.remote.text_file import text_of

MOUNTS = "/proc/self/mounts"


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return which disk is mounted where this one belongs, and whose its root is."""
    source = mounted(spec["place"])
    return {
        "mounted": _told(spec, source) if source else "",
        "owner": _owner(spec["place"]) if source else "",
        "_exists": bool(source),
    }


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make the file system where the disk is blank, and mount it."""
    evidence: list[Evidence] = []
    if actual["mounted"] not in ("", spec["device"]):
        raise Failure(
            f"{spec['place']} has {actual['mounted']} mounted, not {spec['device']}",
            hint=f"umount {spec['place']}",
        )
    if not actual["mounted"]:
        if spec["file_bytes"]:
            os.makedirs(os.path.dirname(spec["device"]), mode=0o700, exist_ok=True)
            make_file(spec["device"], spec["file_bytes"], evidence)
        _make(spec, evidence)
        must(
            (spec["mounter"], spec["device"], spec["place"]),
            evidence,
            f"{spec['device']} cannot be mounted",
            timeout=60,
        )
    shutil.chown(spec["place"], "swift", "swift")
    return evidence


def mounted(place: str) -> str:
    """Return what is mounted at a place: a device, or the file behind a loop device; "" if nothing."""
    for line in reversed(text_of(MOUNTS).splitlines()):
        source, where = line.split()[:2]
        if where == place:
            name = source.rsplit("/", 1)[-1]
            file = text_of(f"/sys/class/block/{name}/loop/backing_file").strip()
            return file or source
    return ""


def _told(spec: dict[str, Any], source: str) -> str:
    """Return what is mounted as the input has it; of a file of this path on another host, whose it is.

    Hosts that are containers share the machine's loop devices, and have their files at the same path.
    """
    spelt = _spelt(source, spec["device"])
    if spelt != spec["device"] or spelt.startswith("/dev/"):
        return spelt
    loop = f"/dev/loop{os.minor(os.stat(spec['place']).st_dev)}"
    theirs = f"{spelt} of another host"
    if not os.path.exists(loop):
        return theirs
    words = ("blkid", "--probe", "--output", "value", "--match-tag", "UUID", loop)
    shown = must(words, [], f"{loop} cannot be read", timeout=30)
    return spelt if shown.output.strip() == spec["uuid"] else theirs


def _spelt(source: str, wanted: str) -> str:
    """Return a source by the path that the input has for it, if it is the same disk.

    A lab host's file is known to the kernel by its path outside of the host.
    """
    same = os.path.realpath(wanted) == os.path.realpath(source)
    inside = not wanted.startswith("/dev/") and source.endswith(wanted)
    return wanted if same or inside else source


def _owner(place: str) -> str:
    try:
        return pwd.getpwuid(os.stat(place).st_uid).pw_name
    except (OSError, KeyError):
        return ""


def _make(spec: dict[str, Any], evidence: list[Evidence]) -> None:
    """Make the file system, unless the disk has it already; raises Failure where it holds anything."""
    device = spec["device"]
    block = is_block(device)
    shown = run(("blkid", "--probe", "--output", "export", device), timeout=30)
    evidence.append(shown.evidence())
    found = dict(line.split("=", 1) for line in shown.output.splitlines() if "=" in line)
    if found.get("UUID") == spec["uuid"]:
        return
    if block:
        refuse_used(device, evidence)
    elif found.get("TYPE"):
        raise Failure(f"{device} holds {found['TYPE']} of something else", evidence)
    must(
        ("mkfs.xfs", "-q", "-L", "swift", "-m", f"uuid={spec['uuid']}", device),
        evidence,
        f"{device} cannot be given an XFS",
        timeout=300,
    )
