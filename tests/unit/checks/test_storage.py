"""How Ceph and cinder are judged: facts in, what is wrong out."""

from __future__ import annotations

from types import SimpleNamespace as Record
from typing import Any

from gureum.checks import reporting, storage
from gureum.checks.ceph_words import complaints, in_short
from gureum.services.ceph_osd import folder, unit_name

DISK = {"osd": 0, "host": "a", "folder": "gureum-sdb", "up": True}
HEALTHY: dict[str, Any] = {
    "silent": "",
    "health": "HEALTH_OK",
    "complaints": [],
    "disks": [DISK, {**DISK, "osd": 1, "host": "b"}, {**DISK, "osd": 2, "host": "c"}],
    "monitors": ["a", "b", "c"],
    "agree": ["a", "b", "c"],
    "used": 19 * 2**30,
    "total": 20 * 2**30,
}


def complaint(code: str, says: str, *detail: str, error: bool = False) -> dict[str, Any]:
    return {"code": code, "error": error, "says": says, "detail": list(detail)}


def told(**changes: Any) -> list[tuple[bool, str, str]]:
    """Return of each complaint whether it is broken, its words, and what to look at where."""
    return [
        (one.broken, one.says, f"{one.host}: {one.unit or ' '.join(one.line)}")
        for one in complaints({**HEALTHY, **changes}, "a", 3, 3)
    ]


def test_a_healthy_ceph_has_nothing_to_tell_but_its_numbers() -> None:
    assert told() == []
    said = "3 of 3 disks up, 3 of 3 monitors agree, 19.0 of 20.0 GB used (95%)"
    assert in_short(HEALTHY) == said


def test_a_lost_disk_is_told_by_its_unit_and_what_follows_of_it_as_well() -> None:
    disks = [{**DISK, "up": False}, *HEALTHY["disks"][1:]]
    found = [
        complaint("OSD_DOWN", "1 osds down", "osd.0 is down"),
        complaint("PG_DEGRADED", "Degraded data redundancy: 33 pgs degraded"),
    ]
    assert told(disks=disks, complaints=found) == [
        (False, "osd.0 of a, a disk of Ceph, is down", "a: ceph-osd-sdb"),
        (
            False,
            "copies are missing in Ceph, nothing is lost: Degraded data redundancy: 33 pgs degraded",
            "a: ceph -s",
        ),
    ]
    assert unit_name("/dev/sdb") == "ceph-osd-sdb"
    assert folder("/dev/sdb").endswith("/gureum-sdb")


def test_data_that_cannot_be_used_comes_first_though_ceph_calls_it_a_warning() -> None:
    disks = [{**DISK, "up": False, "host": "", "folder": ""}, *HEALTHY["disks"][1:]]
    found = [complaint("PG_AVAILABILITY", "Reduced data availability: 33 pgs inactive")]
    (broken, says, _), (_, _, where) = told(disks=disks, complaints=found)
    assert broken
    assert says.startswith("a part of what lies in Ceph can be neither read nor written")
    assert where == "a: ceph osd tree"


def test_without_any_disk_nothing_can_be_read_though_ceph_only_warns() -> None:
    disks = [{**disk, "up": False} for disk in HEALTHY["disks"]]
    first, *others = told(disks=disks, complaints=[complaint("OSD_DOWN", "3 osds down")])
    assert first[0]
    assert first[1].startswith("no disk of Ceph is up")
    assert [broken for broken, _, _ in others] == [False] * 3


def test_a_full_ceph_is_told_once_with_its_room_and_the_way_out() -> None:
    found = [
        complaint("OSD_FULL", "1 full osd(s)", "osd.0 is full", error=True),
        complaint("POOL_FULL", "4 pool(s) full", error=True),
        complaint("OSD_NEARFULL", "2 nearfull osd(s)"),
    ]
    ((broken, says, where),) = told(complaints=found)
    assert broken
    assert "Ceph is full, 19.0 of 20.0 GB used (95%)" in says
    assert "another disk (cloud.yaml: ceph.devices)" in says
    assert where == "a: ceph df"


def test_a_lost_monitor_is_told_by_its_unit() -> None:
    found = [complaint("MON_DOWN", "1/3 mons down, quorum a,b")]
    assert told(agree=["a", "b"], complaints=found) == [
        (False, "the monitor of Ceph on c is missing; 2 of 3 agree", "c: ceph-mon@c")
    ]


def test_what_has_no_words_here_is_told_in_ceph_s_own() -> None:
    found = [complaint("LARGE_OMAP_OBJECTS", "1 large omap objects")]
    assert told(complaints=found) == [
        (False, "Ceph says: 1 large omap objects", "a: ceph health detail")
    ]


def test_monitors_that_say_nothing_are_the_whole_story() -> None:
    ((broken, says, where),) = told(silent="no monitor answers: timed out")
    assert broken
    assert says.endswith("waits: no monitor answers: timed out")
    assert where == "a: ceph-mon@a"


def test_volume_services_are_known_by_host_whatever_their_backend() -> None:
    wanted = [("one", "cinder-volume"), ("two", "cinder-volume"), ("one", "cinder-scheduler")]
    seen = [
        Record(binary="cinder-volume", host="one@ceph", state="up", status="enabled"),
        Record(
            binary="cinder-scheduler",
            host="one",
            state="down",
            status="disabled",
            disabled_reason=None,
        ),
    ]
    wrong, doubtful = reporting.judge(wanted, seen)
    assert wrong == ["cinder-volume of two is unknown", "cinder-scheduler of one is down"]
    assert doubtful == ["cinder-scheduler of one is disabled (no reason given)"]


class Types:
    """cinder with these volume types: name -> the provider of its encryption."""

    def __init__(self, types: dict[str, str | None]) -> None:
        self._types = types

    def types(self) -> list[Record]:
        return [Record(name=name) for name in self._types]

    def get_type_encryption(self, volume_type: Record) -> Record:
        return Record(provider=self._types[volume_type.name])


def typed(types: dict[str, str | None], *, keeps_keys: bool = False) -> storage.Verdict:
    expected = Record(hosts_of=lambda _: ["one"])
    api = Record(block_storage=Types(types))
    context: Any = Record(api=api, expected=expected, keeps_keys=keeps_keys)
    return storage.run_types(context)


def test_a_type_of_which_no_volume_can_be_made_is_named_with_the_reason() -> None:
    """R-SVC-6: cinder itself says "Key manager error" and no more."""
    found = typed({"ceph": None, "secret": "luks"})
    assert found.status is storage.Status.WARN
    assert "the type secret cannot be made" in found.summary
    assert "no manager of keys" in found.summary
    assert found.hint.endswith("volume type delete secret")


def test_types_without_encryption_and_those_whose_keys_are_kept_are_fine() -> None:
    assert typed({"ceph": None}).status is storage.Status.PASS
    assert typed({"secret": "luks"}, keeps_keys=True).status is storage.Status.PASS
