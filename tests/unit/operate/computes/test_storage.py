"""When a storage host may leave its Ceph, and what it says where it may not (R-OPS-6, R-SVC-6)."""

from __future__ import annotations

from typing import Any

import pytest

from gureum.operate.computes.storage import judge

GB = 2**30
FOUND: dict[str, Any] = {
    "osds": [3],
    "used": 10 * GB,
    "free": 100 * GB,
    "total": 200 * GB,
    "copies": 3,
    "clean": True,
    "monitors": ["a", "b", "c"],
    "agree": ["a", "b", "c"],
}


def refusal(hosts: int = 3, *, dead: bool = False, **changes: Any) -> str:
    why = judge("d", {**FOUND, **changes}, hosts, ("a", "b", "c"), dead=dead)
    return f"{why[0]}; {why[1]}" if why else ""


def test_a_host_may_go_where_all_of_its_data_finds_a_place() -> None:
    assert refusal() == ""
    assert refusal(hosts=2, copies=2) == ""


@pytest.mark.parametrize(("hosts", "copies"), [(2, 3), (1, 2), (1, 1)])
def test_copies_need_a_host_each(hosts: int, copies: int) -> None:
    assert f"Ceph keeps {copies} copies" in refusal(hosts=hosts, copies=copies)
    assert "add a storage host first" in refusal(hosts=hosts, copies=copies)


def test_the_other_disks_have_to_have_room() -> None:
    said = refusal(used=70 * GB)
    assert "the other disks of Ceph would be 85% full" in said
    assert "70.0 GB lie on d, 100.0 GB are free elsewhere" in said


def test_nothing_goes_while_copies_are_missing() -> None:
    assert "a copy on it may be the last one" in refusal(clean=False)
    assert "ten minutes after a host was lost" in refusal(clean=False, dead=True)


def test_a_host_whose_disks_are_gone_already_may_always_go() -> None:
    assert refusal(hosts=1, osds=[], used=0, clean=False) == ""


def test_the_monitors_that_stay_have_to_agree() -> None:
    assert "none of the monitors that stay" in refusal(agree=["d"])
