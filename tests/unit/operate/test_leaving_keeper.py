"""Objects whose keeper the input changes: nothing of users is left behind silently (R-SVC-7)."""

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
from gureum.operate.leaving_keeper import check_keeper
from gureum.operate.leaving_objects import check_objects
from gureum.state.folder import CloudFolder

SWIFT = """\
name: stores
hosts:
  a: {roles: [controller, network, compute]}
  b: {roles: [storage]}
  c: {roles: [storage]}
ceph: {devices: [/dev/sdb]}
swift: {devices: [/dev/sdc, /dev/sdd]}
"""
CEPH = SWIFT.replace("swift: {devices: [/dev/sdc, /dev/sdd]}", "storage: {objects: ceph}")
NONE = CEPH.replace("storage: {objects: ceph}\n", "")
ADDRESSES = {"a": "192.0.2.11", "b": "192.0.2.12", "c": "192.0.2.13"}
NOTHING: dict[str, Any] = {"containers": {}, "unread": []}


class Answers:
    """A connected host that has these containers, or does not answer."""

    def __init__(self, said: dict[str, Any] | None) -> None:
        self.said = said
        self.asked: list[Any] = []

    def call(self, function: Any, argument: Any, **_: Any) -> Any:
        self.asked.append((function.__name__, argument))
        if self.said is None:
            raise HostError("it does not answer")
        return self.said


def deployment(tmp_path: Path, text: str) -> Deployment:
    file = tmp_path / "cloud.yaml"
    file.write_text(text)
    return Deployment(load(file), CloudFolder("stores", tmp_path))


def stands(tmp_path: Path, text: str) -> None:
    """Make a cloud that was applied once from `text`."""
    found = deployment(tmp_path, text)
    keep_input(found.folder.make(), found.loaded)
    keep_facts(found.folder, ADDRESSES, dict.fromkeys(ADDRESSES, FACTS))


def refused(tmp_path: Path, text: str, **sessions: Any) -> list[str]:
    try:
        check_keeper(deployment(tmp_path, text), sessions)
    except InputError as error:
        return [f"{d.summary}\n{d.detail}" for d in error.diagnostics]
    return []


@pytest.mark.parametrize("text", [SWIFT, CEPH, NONE])
def test_nobody_is_asked_where_the_keeper_stays(tmp_path: Path, text: str) -> None:
    stands(tmp_path, text)
    assert refused(tmp_path, text) == []


def test_a_first_keeper_is_no_change_of_one(tmp_path: Path) -> None:
    stands(tmp_path, NONE)
    assert refused(tmp_path, CEPH) == []


@pytest.mark.parametrize("text", [CEPH, NONE])
def test_containers_in_swift_are_named_and_counted_once(tmp_path: Path, text: str) -> None:
    """Each lies on several disks of several hosts, and is one container all the same."""
    stands(tmp_path, SWIFT)
    b = Answers({"containers": {"AUTH_1": ["cats", "dogs"]}, "unread": []})
    c = Answers({"containers": {"AUTH_1": ["cats"], "AUTH_2": list("vwxyz")}, "unread": []})
    (said,) = refused(tmp_path, text, b=b, c=c)
    assert said.startswith("Swift keeps 7 containers of users\n")
    assert "AUTH_1: cats, dogs; AUTH_2: v, w, x and 2 more" in said
    assert b.asked == [("by_swift", ["/srv/node/sdc", "/srv/node/sdd"])]


def test_a_swift_of_which_nothing_is_left_may_go(tmp_path: Path) -> None:
    """Partitions outlive deleted objects by a week, and are no reason to stay."""
    stands(tmp_path, SWIFT)
    partitions = Answers({"/srv/node/sdc": 5, "/srv/node/sdd": 5})
    check_objects(deployment(tmp_path, CEPH), {"b": partitions, "c": partitions})  # type: ignore[dict-item]
    assert partitions.asked == []
    assert refused(tmp_path, CEPH, b=Answers(NOTHING), c=Answers(NOTHING)) == []


def test_disks_that_cannot_be_read_hide_a_container_only_if_all_copies_may_be_there(
    tmp_path: Path,
) -> None:
    stands(tmp_path, SWIFT)
    broken = {**NOTHING, "unread": ["/srv/node/sdc"]}
    assert refused(tmp_path, CEPH, b=Answers(broken), c=Answers(broken)) == []
    (said,) = refused(tmp_path, CEPH, b=Answers(broken), c=Answers(None))
    assert "b: nothing is mounted at /srv/node/sdc; c: it does not answer" in said
    assert "c: it is not connected" in refused(tmp_path, CEPH, b=Answers(broken))[0]


@pytest.mark.parametrize("text", [SWIFT, NONE])
def test_containers_at_the_gateway_are_named_as_well(tmp_path: Path, text: str) -> None:
    stands(tmp_path, CEPH)
    a = Answers({"containers": {"0a1b": ["cats"]}, "unread": []})
    (said,) = refused(tmp_path, text, a=a)
    assert said.startswith("Ceph's gateway keeps 1 container of users\n0a1b: cats")
    assert a.asked == [("by_gateway", "client.rgw.a")]
    assert refused(tmp_path, text, a=Answers(NOTHING)) == []
    assert "a: it does not answer" in refused(tmp_path, text, a=Answers(None))[0]
