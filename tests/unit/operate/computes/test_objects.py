"""When a storage host with objects may leave, and what it says where it may not (R-OPS-6, R-SVC-7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gureum.errors import GureumError
from gureum.model.load import load
from gureum.operate.computes.objects import check_objects_on, without_drain
from gureum.operate.deployment import Deployment
from gureum.services.swift_layout import place
from gureum.state.folder import CloudFolder

DISKS = ("/dev/sdb", "/dev/sdc")
THREE = """\
name: stores
hosts:
  a: {roles: [controller, network, compute]}
  b: {roles: [storage]}
  c: {roles: [storage]}
swift: {devices: [/dev/sdb, /dev/sdc], drain: [c, "b:/dev/sdc"]}   # mine
"""


class Host:
    """A connected host with so many partitions on its disks; None for one that is not mounted."""

    def __init__(self, *parts: int | None) -> None:
        self.parts = parts

    def call(self, _: Any, places: list[str], **__: Any) -> dict[str, int | None]:
        assert places == [place(disk) for disk in DISKS]
        return dict(zip(places, self.parts, strict=True))


def refusal(tmp_path: Path, host: str, session: Any, text: str = THREE) -> str:
    file = tmp_path / "cloud.yaml"
    file.write_text(text)
    try:
        check_objects_on(Deployment(load(file), CloudFolder("stores", tmp_path)), host, session)
    except GureumError as error:
        return f"{error.summary}; {error.detail}"
    return ""


def test_an_empty_host_may_go_and_one_without_its_disks(tmp_path: Path) -> None:
    assert refusal(tmp_path, "b", Host(0, 0)) == refusal(tmp_path, "b", Host(0, None)) == ""
    assert refusal(tmp_path, "a", Host()) == ""


def test_copies_have_to_be_elsewhere_first(tmp_path: Path) -> None:
    said = refusal(tmp_path, "b", Host(7, 2))
    assert "b cannot leave: Swift keeps 9 partitions on its disks" in said
    assert "7 on /dev/sdb, 2 on /dev/sdc; add b to swift.drain" in said


def test_a_host_that_is_drained_is_only_waited_for(tmp_path: Path) -> None:
    assert "become fewer by themselves" in refusal(tmp_path, "c", Host(7, 0))


def test_a_lost_host_may_go_where_there_are_other_copies(tmp_path: Path) -> None:
    assert refusal(tmp_path, "b", None) == ""
    single = THREE.replace("swift: {", "swift: {replicas: 1, ")
    assert "one copy of everything" in refusal(tmp_path, "b", None, single)


@pytest.mark.parametrize("session", [None, Host(0, 0)])
def test_the_only_storage_host_stays(tmp_path: Path, session: Any) -> None:
    alone = THREE.replace("  c: {roles: [storage]}\n", "").replace('drain: [c, "b:/dev/sdc"]', "")
    assert "it is the only storage host" in refusal(tmp_path, "b", session, alone)


def test_the_input_drains_nobody_who_left(tmp_path: Path) -> None:
    file = tmp_path / "cloud.yaml"
    file.write_text(THREE)
    cloud = load(file).cloud
    assert without_drain(cloud, "a", THREE) == THREE
    left = without_drain(cloud, "c", THREE)
    assert left == THREE.replace('[c, "b:/dev/sdc"]', "[b:/dev/sdc]")
    assert without_drain(cloud, "b", THREE) == THREE.replace('[c, "b:/dev/sdc"]', "[c]")


def test_a_list_of_lines_is_edited_as_well(tmp_path: Path) -> None:
    text = THREE[: THREE.index("swift:")] + "swift:\n  devices: [/dev/sdb]\n  drain:\n    - c\n"
    file = tmp_path / "cloud.yaml"
    file.write_text(text)
    file.write_text(without_drain(load(file).cloud, "c", text))
    left = load(file).cloud.swift
    assert left is not None
    assert (left.drain, left.devices) == ((), ("/dev/sdb",))
