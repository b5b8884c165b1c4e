"""Disks and monitors of Ceph that would be left while the cluster counts on them (R-SVC-6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from one_host import FACTS

from gureum.errors import HostError, InputError
from gureum.model.load import load
from gureum.operate.deployment import Deployment
from gureum.operate.kept_input import keep_input
from gureum.operate.known import keep_facts
from gureum.operate.leaving_disks import check_disks
from gureum.services.ceph_layout import fsid_of, osd_uuid_of
from gureum.state.folder import CloudFolder

FOUR = """\
name: stores
hosts:
  a: {roles: [controller, network, compute]}
  b: {roles: [storage], devices: [/dev/sdb, /dev/sdc]}
  c: {roles: [storage]}
  d: {roles: [storage]}
ceph: {devices: [/dev/sdb]}
"""
ADDRESSES = {"a": "192.0.2.11", "b": "192.0.2.12", "c": "192.0.2.13", "d": "192.0.2.14"}


class Monitor:
    """A connected host whose Ceph has these members, or does not answer."""

    def __init__(self, members: dict[str, Any] | None) -> None:
        self.members = members

    def call(self, *_: Any, **__: Any) -> Any:
        if self.members is None:
            raise HostError("no monitor answers")
        return self.members


def deployment(tmp_path: Path, text: str) -> Deployment:
    file = tmp_path / "cloud.yaml"
    file.write_text(text)
    return Deployment(load(file), CloudFolder("stores", tmp_path))


@pytest.fixture
def members(tmp_path: Path) -> dict[str, Any]:
    """What the Ceph of a cloud that was applied once consists of."""
    found = deployment(tmp_path, FOUR)
    keep_input(found.folder.make(), found.loaded)
    keep_facts(found.folder, ADDRESSES, dict.fromkeys(ADDRESSES, FACTS))
    secrets = found.folder.secrets()
    fsid = fsid_of(secrets)
    secrets.save()
    disks = [("b", "/dev/sdb"), ("b", "/dev/sdc"), ("c", "/dev/sdb"), ("d", "/dev/sdb")]
    return {
        "osds": {osd_uuid_of(fsid, *disk): number for number, disk in enumerate(disks)},
        "monitors": ["b", "c", "d"],
    }


def refused(tmp_path: Path, text: str, members: dict[str, Any] | None) -> list[str]:
    sessions: Any = dict.fromkeys(ADDRESSES, Monitor(members))
    try:
        check_disks(deployment(tmp_path, text), sessions)
    except InputError as error:
        return [d.summary for d in error.diagnostics]
    return []


def test_nothing_is_asked_where_nothing_leaves(tmp_path: Path, members: dict[str, Any]) -> None:
    assert members
    more = FOUR.replace("/dev/sdb, /dev/sdc", "/dev/sdb, /dev/sdc, /dev/sdd")
    assert refused(tmp_path, FOUR, None) == refused(tmp_path, more, None) == []


def test_a_disk_with_data_is_not_left(tmp_path: Path, members: dict[str, Any]) -> None:
    less = FOUR.replace("[/dev/sdb, /dev/sdc]", "[/dev/sdb]")
    assert refused(tmp_path, less, members) == ["Ceph keeps data on /dev/sdc of b, as osd.1"]


def test_a_disk_that_was_purged_may_go(tmp_path: Path, members: dict[str, Any]) -> None:
    members["osds"] = {uuid: n for uuid, n in members["osds"].items() if n != 1}
    assert refused(tmp_path, FOUR.replace("[/dev/sdb, /dev/sdc]", "[/dev/sdb]"), members) == []


def test_a_host_takes_its_monitor_and_all_of_its_disks_along(
    tmp_path: Path, members: dict[str, Any]
) -> None:
    without = FOUR.replace("  b: {roles: [storage], devices: [/dev/sdb, /dev/sdc]}\n", "")
    assert refused(tmp_path, without, members) == [
        "Ceph keeps data on /dev/sdb of b, as osd.0",
        "Ceph keeps data on /dev/sdc of b, as osd.1",
        "Ceph still counts on its monitor on b",
        "Ceph still counts on its monitor on d",
    ]


def test_a_ceph_that_does_not_answer_is_not_left_at_all(
    tmp_path: Path, members: dict[str, Any]
) -> None:
    assert members
    gone = FOUR.replace("ceph: {devices: [/dev/sdb]}\n", "").replace("[storage]", "[compute]")
    gone = gone.replace(", devices: [/dev/sdb, /dev/sdc]", "")
    (said,) = refused(tmp_path, gone, None)
    assert said.startswith("the input has no disk /dev/sdb of b, disk /dev/sdc of b")
