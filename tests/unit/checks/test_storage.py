"""How Ceph and cinder are judged: facts in, what is wrong out."""

from __future__ import annotations

from types import SimpleNamespace as Record
from typing import Any

import pytest

from gureum.checks import storage

HEALTHY = {"health": "HEALTH_OK", "words": [], "disks_up": 3, "monitors": 3}


@pytest.mark.parametrize(
    ("changes", "wrong", "doubtful"),
    [
        ({}, [], []),
        ({"health": "HEALTH_WARN", "words": ["1 osds down"]}, [], ["1 osds down"]),
        ({"health": "HEALTH_ERR", "words": ["1 full osd(s)"]}, ["1 full osd(s)"], []),
        ({"health": "HEALTH_ERR"}, ["Ceph calls itself broken"], []),
        ({"disks_up": 2}, [], ["1 of 3 disks are down"]),
        ({"monitors": 2}, [], ["2 of 3 monitors agree"]),
    ],
)
def test_ceph_is_judged_by_its_own_word_and_by_what_is_missing(
    changes: dict[str, Any], wrong: list[str], doubtful: list[str]
) -> None:
    assert storage.judge_ceph({**HEALTHY, **changes}, 3, 3) == (wrong, doubtful)


def test_volume_services_are_known_by_host_whatever_their_backend() -> None:
    wanted = [("one", "cinder-volume"), ("two", "cinder-volume"), ("one", "cinder-scheduler")]
    seen = [
        Record(binary="cinder-volume", host="one@ceph", state="up", status="enabled"),
        Record(binary="cinder-scheduler", host="one", state="down", status="disabled"),
    ]
    wrong, doubtful = storage.judge_volumes(wanted, seen)
    assert wrong == ["cinder-volume of two is unknown", "cinder-scheduler of one is down"]
    assert doubtful == ["cinder-scheduler of one is disabled"]
