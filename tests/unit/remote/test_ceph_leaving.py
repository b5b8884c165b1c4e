"""A storage host is taken out of a cluster that answers like one (R-SVC-6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gureum.remote import ceph_ask, ceph_leaving
from gureum.remote.failure import Failure


class Cluster:
    """Four disks on as many hosts, and three monitors."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.moving = True
        self.running = 2

    def answer(self, commands: list[ceph_ask.Told], *_: Any) -> list[tuple[str, str]]:
        return [(json.dumps(self.one(command)), "") for command, _ in commands]

    def one(self, command: dict[str, Any]) -> Any:
        prefix = command["prefix"]
        nodes = [{"id": n, "kb": 1000, "kb_used": 100 * n, "kb_avail": 900} for n in range(4)]
        state = "active+remapped+backfilling" if self.moving else "active+clean"
        answers = {
            "osd dump": {
                "osds": [{"osd": n, "uuid": f"u{n}"} for n in range(4)],
                "pools": [{"size": 2}, {"size": 3}],
            },
            "osd df": {"nodes": nodes},
            "pg stat": {"pg_summary": {"num_pg_by_state": [{"name": state, "num": 7}]}},
            "quorum_status": {"monmap": {"mons": [{"name": "a"}]}, "quorum_names": ["a"]},
            "mon dump": {"mons": [{"name": "a"}, {"name": "d"}]},
        }
        if prefix in answers:
            return answers[prefix]
        if prefix == "osd purge" and self.running:
            self.running -= 1
            raise Failure("Ceph refuses 'osd purge': osd.3 is not `down`.")
        self.told.append(
            f"{prefix} {command.get('name') or command.get('id') or command.get('ids')}"
        )
        return None


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(ceph_ask, "_run", made.answer)
    monkeypatch.setattr(ceph_leaving, "PAUSE", 0.0)
    return made


def test_what_a_host_holds_is_known_by_its_disks(cluster: Cluster) -> None:
    found = ceph_leaving.look(["u3", "u9"])
    assert (found["osds"], found["copies"], found["clean"]) == ([3], 3, not cluster.moving)
    assert (found["used"], found["free"], found["total"]) == (300 * 1024, 2700 * 1024, 3000 * 1024)


def test_a_host_is_drained_once_nothing_moves_any_more(cluster: Cluster) -> None:
    seen = ceph_leaving.drained([3])
    assert (seen["safe"], seen["why"]) == (False, "7 active+remapped+backfilling")
    cluster.moving = False
    assert ceph_leaving.drained([3])["safe"]


def test_a_disk_goes_as_soon_as_ceph_believes_that_its_daemon_ended(cluster: Cluster) -> None:
    ceph_leaving.forget("d", [3], ["d", "e"])
    assert cluster.told == ["mon remove d", "auth rm None", "osd purge 3", "osd crush rm d"]


def test_a_disk_that_ceph_does_not_let_go_is_told(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ceph_leaving, "DOWN_WITHIN", 0.0)
    with pytest.raises(Failure, match=r"osd\.3 cannot go: .*not `down`"):
        ceph_leaving.forget("d", [3], [])
    assert cluster.told == []
