"""State `ceph_osd`: a disk belongs to Ceph; whatever else it holds is never written over.

A blank disk in the place of one that was lost becomes the same OSD once Ceph can do without the old one.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from typing import Any

from gureum.remote.ceph_ask import BOOTSTRAP, Silent, ask, tell
from gureum.remote.ceph_spare import check_spare, unit_of
from gureum.remote.disk_use import is_block, make_file, refuse_used
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import must, run
from gureum.remote.text_file import text_of

MARK = "bluestore block device\n"


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the OSD that the folder is of, and the disk that it has; none where that is not there."""
    folder = spec["folder"]
    block = os.path.join(folder, "block")
    uuid = text_of(os.path.join(folder, "fsid")).strip()
    there = os.path.islink(block) and marked(block, uuid)
    return {
        "osd": uuid,
        "device": os.readlink(block) if there else "",
        "_id": text_of(os.path.join(folder, "whoami")).strip(),
    }


def marked(device: str, uuid: str) -> bool:
    """Tell whether a disk begins with the mark of an OSD."""
    mark = f"{MARK}{uuid}\n".encode()
    try:
        with open(device, "rb") as disk:
            return disk.read(len(mark)) == mark
    except OSError:
        return False


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make the OSD's folder beside its place, and its store on the disk."""
    evidence: list[Evidence] = []
    folder = spec["folder"]
    before = os.path.isdir(folder) and bool(os.listdir(folder))
    if before and actual["osd"] != spec["uuid"]:
        held = actual["osd"] or "nothing that is known"
        raise Failure(f"{folder} holds the OSD {held}, not {spec['uuid']}", hint=f"ls -l {folder}")
    lost = bool(before and spec["file_bytes"] and not os.path.exists(spec["device"]))
    if lost:
        check_spare(spec, blank=True)
    if spec["file_bytes"]:
        beside = os.path.dirname(spec["device"])
        os.makedirs(beside, exist_ok=True)
        shutil.chown(beside, "ceph", "ceph")
        make_file(spec["device"], spec["file_bytes"], evidence)
    label = _label(spec, evidence)
    if before and not lost:
        check_spare(spec, blank=not label)
    if before:
        # systemd starts it again and again, and each time it holds the disk for a moment.
        run(("systemctl", "stop", unit_of(spec)), timeout=60)
    parent = os.path.dirname(folder)
    with tempfile.TemporaryDirectory(prefix=".gureum-", dir=parent) as place:
        store = os.path.join(place, "osd")
        os.mkdir(store, 0o750)
        os.symlink(spec["device"], os.path.join(store, "block"))
        number = _number(spec, evidence)
        _own(spec["device"])
        _write(store, "keyring", f"[osd.{number}]\n\tkey = {spec['key']}\n", 0o600)
        _write(store, "type", "bluestore\n")
        monmap = os.path.join(place, "monmap")
        get = ("ceph", "--connect-timeout", "10", "--name", BOOTSTRAP, "--keyring", spec["keyring"])
        must((*get, "mon", "getmap", "-o", monmap), evidence, "no map of the monitors", timeout=30)
        os.chmod(monmap, 0o644)
        for path in (place, store):
            shutil.chown(path, "ceph", "ceph")
        _write(store, "whoami", f"{number}\n")
        if label:
            _take_up(spec, store, evidence)
        else:
            must(
                (
                    *("ceph-osd", "--mkfs", "-i", str(number), "--osd-uuid", spec["uuid"]),
                    *("--osd-objectstore", "bluestore", "--osd-data", store),
                    *("--monmap", monmap, "--no-mon-config"),
                ),
                evidence,
                f"{spec['device']} cannot be made a disk of Ceph",
                user="ceph",
                timeout=300,
            )
        if text_of(os.path.join(store, "fsid")).strip() != spec["uuid"]:
            raise Failure(f"{spec['device']} became another OSD than {spec['uuid']}", evidence)
        if os.path.isdir(folder):
            # It goes with the temporary folder: all that it says of the disk is in the new one.
            os.rename(folder, os.path.join(place, "before"))
        os.rename(store, folder)
    if before:
        evidence.append(run(("systemctl", "start", "--no-block", unit_of(spec))).evidence())
    return evidence


def _label(spec: dict[str, Any], evidence: list[Evidence]) -> bool:
    """Tell whether the disk was this OSD before; raises Failure where it holds anything else."""
    device = spec["device"]
    block = is_block(device)
    shown = run(("ceph-bluestore-tool", "show-label", "--dev", device), timeout=30)
    evidence.append(shown.evidence())
    if shown.exit == 0:
        start = shown.output.find("{")
        labels = json.loads(shown.output[start:]) if start >= 0 else {}
        found: dict[str, Any] = next(iter(labels.values()), {})
        if found.get("osd_uuid") == spec["uuid"]:
            # Without this word it was cut off while it was made, and is made anew.
            return found.get("ready") == "ready"
        raise Failure(
            f"{device} is a disk of Ceph already: OSD {found.get('whoami', '?')} of the cluster "
            f"{found.get('ceph_fsid', '?')}",
            evidence,
            hint=f"if nothing on it is needed any more: ceph-volume lvm zap --destroy {device}",
        )
    if block:
        refuse_used(device, evidence)
    return False


def _number(spec: dict[str, Any], evidence: list[Evidence]) -> int:
    """Return the OSD's number, which Ceph gives out once for each uuid."""
    try:
        (found,) = ask(
            {"prefix": "osd dump"}, name=BOOTSTRAP, keyring=spec["keyring"], conf=spec["conf"]
        )
        known = {osd["uuid"]: osd["osd"] for osd in found["osds"]}
    except (Silent, Failure):
        known = {}
    if spec["uuid"] in known:
        return int(known[spec["uuid"]])
    new = {"prefix": "osd new", "uuid": spec["uuid"]}
    (answer,) = tell(
        [(new, json.dumps({"cephx_secret": spec["key"]}))],
        evidence,
        name=BOOTSTRAP,
        keyring=spec["keyring"],
        conf=spec["conf"],
    )
    given = json.loads(answer)
    return int(given["osdid"] if isinstance(given, dict) else given)


def _take_up(spec: dict[str, Any], store: str, evidence: list[Evidence]) -> None:
    """Fill the folder of an OSD from its own disk: the data is there, the folder was lost."""
    prime = ("ceph-bluestore-tool", "prime-osd-dir", "--dev", spec["device"], "--path", store)
    must(
        (*prime, "--no-mon-config"), evidence, f"{spec['device']} does not give its OSD", timeout=60
    )
    for name in os.listdir(store):
        path = os.path.join(store, name)
        if not os.path.islink(path):
            shutil.chown(path, "ceph", "ceph")


def _own(device: str) -> None:
    shutil.chown(os.path.realpath(device), "ceph", "ceph")


def _write(folder: str, name: str, text: str, mode: int = 0o644) -> None:
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    shutil.chown(path, "ceph", "ceph")
