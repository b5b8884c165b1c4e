"""A disk of Ceph: which one it is, and when a blank one may take its place (R-SVC-6)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gureum.remote import ceph_osd, ceph_spare
from gureum.remote.failure import Failure
from gureum.remote.process import Done

LABEL = {"osd_uuid": "mine", "ceph_fsid": "ours", "whoami": "3", "ready": "ready"}


@pytest.mark.parametrize(
    ("label", "before"), [({}, True), ({"ready": ""}, False), ({"osd_uuid": "theirs"}, None)]
)
def test_a_disk_of_ceph_is_taken_up_again_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: dict[str, str], before: bool | None
) -> None:
    """Data of an OSD outlives its host's system; another cluster's is never written over."""
    device = tmp_path / "disk"
    device.write_bytes(b"")
    shown = json.dumps({str(device): {**LABEL, **label}})
    monkeypatch.setattr(ceph_osd, "run", lambda c, **_: Done(c, 0, f"inferring\n{shown}", 0.0))
    spec = {"device": str(device), "uuid": "mine"}
    if before is None:
        with pytest.raises(Failure, match="OSD 3 of the cluster ours"):
            ceph_osd._label(spec, [])
    else:
        assert ceph_osd._label(spec, []) is before


def test_a_folder_tells_which_osd_it_is_of(tmp_path: Path) -> None:
    spec = {"folder": str(tmp_path / "osd")}
    assert ceph_osd.read(spec) == {"osd": "", "device": "", "_id": ""}
    (tmp_path / "osd").mkdir()
    for name, text in {"fsid": "mine\n", "whoami": "3\n"}.items():
        (tmp_path / "osd" / name).write_text(text)
    disk = tmp_path / "disk"
    (tmp_path / "osd" / "block").symlink_to(disk)
    disk.write_bytes(b"bluestore block device\nmine\nand more")
    assert ceph_osd.read(spec) == {"osd": "mine", "device": str(disk), "_id": "3"}


@pytest.mark.parametrize("holds", [b"", b"bluestore block device\ntheirs\n", None])
def test_a_disk_that_was_changed_is_seen(tmp_path: Path, holds: bytes | None) -> None:
    """R-SVC-6: a blank disk, another OSD's, or none at all in the place of the one that was lost."""
    (tmp_path / "fsid").write_text("mine\n")
    (tmp_path / "block").symlink_to(tmp_path / "disk")
    if holds is not None:
        (tmp_path / "disk").write_bytes(holds)
    assert ceph_osd.read({"folder": str(tmp_path)})["device"] == ""


def spare(
    monkeypatch: pytest.MonkeyPatch, *groups: tuple[str, int], up: bool = False, blank: bool = True
) -> str:
    """Return why a disk may not be taken for a lost OSD; "" where it may."""
    osd = {"osd": 3, "uuid": "mine", "up": int(up)}
    answers = {
        "osd dump": {"osds": [osd]},
        "pg stat": {
            "num_pgs": 32,
            "num_pg_by_state": [{"name": name, "num": count} for name, count in groups],
        },
    }
    monkeypatch.setattr(ceph_spare, "ask", lambda c, **_: [answers[c["prefix"]]])
    monkeypatch.setattr(ceph_spare, "PAUSE", 0.0)
    spec = {
        "uuid": "mine",
        "device": "/dev/sdb",
        "folder": "/o/gureum-sdb",
        "keyring": "",
        "conf": "",
    }
    try:
        ceph_spare.check_spare(spec, blank=blank)
    except Failure as failure:
        return f"{failure}; {failure.hint}"
    return ""


def test_a_blank_disk_takes_the_place_of_a_lost_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-SVC-6: once all that was on it can be read and written elsewhere, and not before."""
    assert spare(monkeypatch, ("active+undersized+degraded", 32)) == ""
    assert "2 placement groups are stale+active+clean" in spare(
        monkeypatch, ("active+clean", 30), ("stale+active+clean", 2)
    )
    assert "32 placement groups are down" in spare(monkeypatch, ("down", 32))
    assert "not all placement groups" in spare(monkeypatch, ("active+clean", 31))


def test_an_osd_that_runs_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    said = spare(monkeypatch, ("active+clean", 32), up=True)
    assert said.endswith("systemctl stop ceph-osd-sdb")
    assert spare(monkeypatch, ("down", 32), blank=False) == ""
