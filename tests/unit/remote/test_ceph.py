"""States of Ceph brought about in a cluster that answers like one (R-SVC-6)."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gureum.remote import ceph_ask, ceph_cluster, ceph_usable, disk_use
from gureum.remote.ceph_ask import Silent
from gureum.remote.compare import drift
from gureum.remote.failure import Failure
from gureum.remote.process import Done
from gureum.state.secrets import Secret
from gureum.steps.ceph import CephPopulated

FULL = {"mon": "allow *", "osd": "allow *"}
GLANCE = {"mon": "profile rbd", "osd": "profile rbd pool=images"}
STATE = CephPopulated(
    keys={"client.admin": (Secret("admin-key"), FULL), "client.glance": (Secret("g-key"), GLANCE)},
    domain="host",
    pools={"images": "rbd"},
    replicas=3,
    least=2,
)


class Cluster:
    """Monitors that know keys, rules and pools, as far as gureum asks them."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, Any]] = {
            "client.admin": {"entity": "client.admin", "key": "admin-key", "caps": dict(FULL)},
            "client.other": {"entity": "client.other", "key": "x", "caps": {}},
        }
        self.rules = ["replicated_rule"]
        self.pools: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, int] = {}
        self.told: list[str] = []
        self.clean = True

    def answer(self, commands: list[ceph_ask.Told], *_: Any) -> list[tuple[str, str]]:
        return [(json.dumps(self.one(command, content)), "") for command, content in commands]

    def one(self, command: dict[str, Any], content: str) -> Any:
        prefix = command["prefix"]
        if prefix == "auth ls":
            return {"auth_dump": list(self.keys.values())}
        if prefix == "osd crush rule dump":
            kinds = {"gureum-host": "host", "gureum-osd": "osd"}
            return [
                {
                    "rule_id": number,
                    "rule_name": rule,
                    "steps": [
                        {"op": "take"},
                        {"op": "chooseleaf_firstn", "type": kinds.get(rule, "osd")},
                    ],
                }
                for number, rule in enumerate(self.rules)
            ]
        if prefix == "pg stat":
            name = "active+clean" if self.clean else "active+undersized+degraded"
            return {"pg_summary": {"num_pg_by_state": [{"name": name, "num": 32}]}}
        if prefix == "osd dump":
            return {"pools": list(self.pools.values())}
        self.told.append(prefix)
        if prefix == "auth import":
            self._import(content)
        elif prefix == "osd crush rule create-replicated":
            self.rules.append(command["name"])
        elif prefix == "osd pool create":
            if command["pool"].startswith(".") and not command.get("yes_i_really_mean_it"):
                return None  # As monitors do: nothing is made, and that is called a success.
            # Ceph's autoscaler has a pool of fewer only where that is said to be enough.
            self.groups[command["pool"]] = max(command["pg_num"], command.get("pg_num_min", 32))
            self.pools[command["pool"]] = {
                "pool_name": command["pool"],
                "size": 1,
                "min_size": 1,
                "crush_rule": self.rules.index(command["rule"]),
                "application_metadata": {},
            }
        elif prefix == "osd pool set":
            pool, value = self.pools[command["pool"]], command["val"]
            known = command["var"] == "crush_rule"
            pool[command["var"]] = self.rules.index(value) if known else int(value)
        elif prefix == "osd pool application enable":
            self.pools[command["pool"]]["application_metadata"][command["app"]] = {}
        return None

    def _import(self, text: str) -> None:
        entity = ""
        for line in text.splitlines():
            words = line.strip()
            if words.startswith("["):
                entity = words[1:-1]
                self.keys[entity] = {"entity": entity, "key": "", "caps": {}}
            elif words.startswith("key = "):
                self.keys[entity]["key"] = words[6:]
            elif words.startswith("caps "):
                service, _, may = words[5:].partition(" = ")
                self.keys[entity]["caps"][service] = may.strip('"')


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(ceph_ask, "_run", made.answer)
    return made


def differing() -> set[str]:
    return set(drift(STATE.expected(), ceph_cluster.read(STATE.spec())))


def bring_about() -> list[dict[str, Any]]:
    return ceph_cluster.change(STATE.spec(), ceph_cluster.read(STATE.spec()))


def test_an_empty_cluster_gets_its_keys_rule_and_pools(cluster: Cluster) -> None:
    assert differing() == {"key:client.glance", "pool:images"}
    bring_about()
    assert differing() == set()
    assert cluster.rules == ["replicated_rule", "gureum-host"]
    assert cluster.keys["client.glance"]["caps"] == GLANCE


def test_what_is_as_it_should_be_is_told_nothing(cluster: Cluster) -> None:
    bring_about()
    cluster.told.clear()
    bring_about()
    assert cluster.told == []


@pytest.mark.parametrize("what", ["key", "caps", "size", "min_size", "crush_rule"])
def test_what_was_changed_by_hand_is_put_right(cluster: Cluster, what: str) -> None:
    bring_about()
    if what == "key":
        cluster.keys["client.glance"]["key"] = "another"
    elif what == "caps":
        cluster.keys["client.glance"]["caps"]["osd"] = "allow *"
    else:
        cluster.pools["images"][what] = 0
    assert len(differing()) == 1
    bring_about()
    assert differing() == set()


def test_more_copies_are_demanded_only_once_they_are_made(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To demand two copies where there is one would stop every VM until the second is made."""
    monkeypatch.setattr(ceph_cluster, "SOON", 0.0)
    bring_about()
    cluster.pools["images"].update(size=1, min_size=1)
    cluster.clean = False
    bring_about()
    pool = cluster.pools["images"]
    assert (pool["size"], pool["min_size"]) == (3, 1)
    assert differing() == set()
    cluster.clean = True
    assert differing() == {"pool:images"}
    bring_about()
    assert (pool["size"], pool["min_size"]) == (3, 2)
    assert differing() == set()


def test_keys_are_made_before_there_is_a_manager(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manager needs its key first, and what only managers know has no answer until then."""

    def unmanaged(command: dict[str, Any], content: str, one: Any = cluster.one) -> Any:
        if command["prefix"].startswith("pg "):
            raise Failure("Ceph refuses 'pg stat': timed out")
        return one(command, content)

    monkeypatch.setattr(cluster, "one", unmanaged)
    bring_about()
    assert differing() == set()


def test_ceph_s_own_pool_grows_with_the_others(cluster: Cluster) -> None:
    """Made when there was one disk, it would stay the one pool that a lost disk destroys."""
    bring_about()
    cluster.pools[".mgr"] = {
        "pool_name": ".mgr", "size": 1, "min_size": 1, "crush_rule": 0,
        "application_metadata": {"mgr": {}},
    }  # fmt: skip
    assert differing() == {"own pool"}
    bring_about()
    assert differing() == set()
    assert cluster.pools[".mgr"]["size"] == 3
    assert cluster.pools[".mgr"]["application_metadata"] == {"mgr": {}}


def test_pools_of_objects_are_marked_as_such_and_begin_small(cluster: Cluster) -> None:
    """R-SVC-7: the gateway's rights go by the mark, and one of its names begins with a dot."""
    state = dataclasses.replace(STATE, pools={"images": "rbd", ".rgw.root": "rgw"})
    ceph_cluster.change(state.spec(), ceph_cluster.read(state.spec()))
    assert not drift(state.expected(), ceph_cluster.read(state.spec()))
    marks = {name: list(pool["application_metadata"]) for name, pool in cluster.pools.items()}
    assert marks == {"images": ["rbd"], ".rgw.root": ["rgw"]}
    assert cluster.groups == {"images": 32, ".rgw.root": 8}


def test_keys_and_pools_of_others_stay(cluster: Cluster) -> None:
    cluster.pools["theirs"] = {
        "pool_name": "theirs", "size": 2, "min_size": 1, "crush_rule": 0, "application_metadata": {},
    }  # fmt: skip
    bring_about()
    assert cluster.pools["theirs"]["size"] == 2
    assert cluster.keys["client.other"]["key"] == "x"


@pytest.mark.usefixtures("cluster")
def test_no_reading_and_no_evidence_shows_a_key() -> None:
    """R-CRED-1: what plans and journals keep of a key tells it from others and opens nothing."""
    evidence = bring_about()
    assert "g-key" not in json.dumps([ceph_cluster.read(STATE.spec()), evidence])


def test_monitors_that_are_silent_are_a_difference_and_not_a_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(*_: Any) -> Any:
        raise Silent("no monitor answers")

    monkeypatch.setattr(ceph_ask, "_run", silent)
    keys = {"key:client.admin", "key:client.glance"}
    assert differing() == {*keys, "pool:images", "own pool"}
    assert ceph_usable.read({"pools": ["images"]})["usable"] is False


RADOS = """
class Error(Exception): pass
class Rados:
    def __init__(self, name, conffile, conf):
        assert all(isinstance(v, str) and v.isdigit() for k, v in conf.items() if "time" in k), conf
    def connect(self): pass
    def mon_command(self, words, content):
        return (-22 if "bad" in words else 0), b'{"asked": true}', "said"
"""


def test_the_question_is_asked_through_the_binding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script is what runs on hosts; the binding takes whole numbers for times."""
    (tmp_path / "rados.py").write_text(RADOS)

    def run(command: tuple[str, ...], *, stdin: str, **_: Any) -> Done:
        script = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{command[-1]}"
        done = subprocess.run(
            [sys.executable, "-c", script], input=stdin, capture_output=True, text=True, check=False
        )
        return Done(command, done.returncode, done.stdout + done.stderr, 0.0)

    monkeypatch.setattr(ceph_ask, "run", run)
    assert ceph_ask.ask({"prefix": "status"}, {"prefix": "osd dump"}) == [{"asked": True}] * 2
    with pytest.raises(Failure, match="refuses 'bad'"):
        ceph_ask.ask({"prefix": "bad"})


def states(*found: tuple[str, int], up: int = 1, room: int = 5) -> list[Any]:
    total = sum(count for _, count in found)
    groups = {
        "num_pgs": total,
        "num_pg_by_state": [{"name": name, "num": count} for name, count in found],
    }
    pools = {
        "pools": [
            {"name": ".mgr", "stats": {"max_avail": 0}},
            {"name": "images", "stats": {"max_avail": room}},
        ]
    }
    return [{"num_up_osds": up, "num_osds": 1}, groups, [{"poolname": "images"}], pools]


@pytest.mark.parametrize(
    ("answers", "usable"),
    [
        (states(("active+clean", 32)), True),
        (states(("active+undersized+degraded", 32)), True),
        (states(("active+clean", 31), ("creating+peering", 1)), False),
        (states(("unknown", 32)), False),
        (states(("inactive", 1), ("active+clean", 31)), False),
        (states(("active+clean", 32), up=0), False),
        (states(), False),
    ],
)
def test_ceph_is_usable_while_every_group_is_active(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], *, usable: bool
) -> None:
    monkeypatch.setattr(ceph_usable, "ask", lambda *_: answers)
    assert ceph_usable.read({"pools": ["images"]})["usable"] is usable


def test_new_disks_are_usable_once_their_room_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-SVC-6: cinder-volume would tell of no room, and not again for a minute."""
    rooms = iter((0, 0, 5))
    monkeypatch.setattr(
        ceph_usable, "ask", lambda *_: states(("active+clean", 32), room=next(rooms))
    )
    monkeypatch.setattr(ceph_usable, "PAUSE", 0.0)
    ceph_usable.change({"pools": ["images"], "disks": 1, "within": 9.0}, {})
    assert not list(rooms)


def test_a_full_ceph_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceph_usable, "ask", lambda *_: states(("active+clean", 32), room=0))
    monkeypatch.setattr(ceph_usable, "COUNTED_WITHIN", 0.0)
    [evidence] = ceph_usable.change({"pools": ["images"], "disks": 1, "within": 9.0}, {})
    assert evidence["reading"]["usable"]


def held(monkeypatch: pytest.MonkeyPatch, node: dict[str, Any], signs: str = "") -> None:
    outputs = {"lsblk": json.dumps({"blockdevices": [node]}), "wipefs": signs}

    def run(command: tuple[str, ...], **_: Any) -> Done:
        return Done(command, 0, outputs[command[0]], 0.0)

    monkeypatch.setattr(disk_use, "run", run)


@pytest.mark.parametrize(
    ("node", "signs", "said"),
    [
        ({"fstype": "ext4", "mountpoints": ["/srv"]}, "ext4\n", "mounted at /srv"),
        ({"children": [{"name": "sdb1", "type": "part"}]}, "gpt\n", "it has part sdb1"),
        ({"fstype": "LVM2_member", "mountpoints": [None]}, "", "it holds LVM2_member"),
        ({"mountpoints": [None]}, "linux_raid_member\n", "a mark of linux_raid_member"),
    ],
)
def test_a_disk_that_holds_anything_is_refused(
    monkeypatch: pytest.MonkeyPatch, node: dict[str, Any], signs: str, said: str
) -> None:
    held(monkeypatch, node, signs)
    with pytest.raises(Failure, match=said):
        disk_use.refuse_used("/dev/sdb", [])


def test_an_empty_disk_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch, {"fstype": None, "mountpoints": [None]})
    disk_use.refuse_used("/dev/sdb", [])
