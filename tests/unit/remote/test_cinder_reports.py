"""When cinder's units count as up, and when its scheduler can place a volume."""

from __future__ import annotations

from typing import Any

import pytest

from gureum.remote import cinder_reports
from gureum.remote.failure import Failure

SPEC = {
    "units": ["cinder-scheduler of one", "cinder-volume of one@ceph"],
    "backends": ["cloud@ceph"],
    "within": 5.0,
    "url": "https://192.0.2.1:8776/v3",
}


def pool(room: object) -> dict[str, Any]:
    return {"name": "cloud@ceph#ceph", "capabilities": {"total_capacity_gb": room}}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, Any]]]:
    """What the scheduler knows at each look; the last stays."""
    looks: list[list[dict[str, Any]]] = []

    class Cinder:
        def __init__(self, spec: dict[str, Any]) -> None:
            assert spec["url"] == SPEC["url"]

        def send(self, method: str, path: str) -> dict[str, Any]:
            assert (method, path) == ("GET", "/scheduler-stats/get_pools?detail=true")
            return {"pools": looks.pop(0) if len(looks) > 1 else looks[0]}

    monkeypatch.setattr(cinder_reports, "Cinder", Cinder)
    monkeypatch.setattr(cinder_reports, "_PAUSE", 0.0)
    rows = [[unit, "0"] for unit in SPEC["units"]]
    monkeypatch.setattr(cinder_reports, "query", lambda _: rows)
    # As if each report were of the second after the wait began.
    monkeypatch.setattr(cinder_reports.reports, "ages", lambda _: {row[0]: -1 for row in rows})
    return looks


def test_the_scheduler_is_waited_for_until_it_knows_the_room(told: list[Any]) -> None:
    """R-SVC-6: a volume that is asked for right after apply finds its backend."""
    told += [[], [pool(0)], [pool(19.5)]]
    *_, evidence = cinder_reports.change(SPEC, {})
    assert evidence["exit"] == 0
    assert "19.5" in evidence["output"]
    assert len(told) == 1


@pytest.mark.parametrize("room", ["infinite", "unknown"])
def test_a_backend_that_cannot_count_has_room(told: list[Any], room: str) -> None:
    told += [[pool(room)]]
    assert cinder_reports.change(SPEC, {})[-1]["exit"] == 0


def test_a_backend_that_the_scheduler_never_hears_of_is_named(
    told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cinder_reports, "TOLD_AGAIN", 0.0)
    told += [[]]
    with pytest.raises(Failure, match="has not heard of cloud@ceph"):
        cinder_reports.change(SPEC, {})


def test_a_backend_without_room_is_left_to_verify(
    told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cinder_reports, "TOLD_AGAIN", 0.0)
    told += [[pool(0)]]
    assert cinder_reports.change(SPEC, {})[-1]["exit"] == 1
