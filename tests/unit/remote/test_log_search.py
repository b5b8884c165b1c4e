"""R-OPS-2: records are found where all logs are gathered, whole, in order, each once."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gureum.remote import log_direct, log_filter, log_follow, log_record, log_requests, log_search

HERE = Path(__file__).parent
BEGAN = 1795290245.0
CREATE = "req-037bcf93-c3cb-437c-818e-aea1e464d965"
CHILD = "req-9185f8e1-3e92-4e4f-be70-b2cf3a8d03e0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for host, name in (("c1", "gathered.log"), ("k1", "gathered_compute.log")):
        (tmp_path / "hosts" / host).mkdir(parents=True)
        shutil.copy(HERE / name, tmp_path / "hosts" / host / "openstack.log")
    (tmp_path / "hosts" / "k1" / "system.log").write_text(
        "2026-11-21T19:44:09.200000+00:00 k1 kernel - ERR Out of memory: Killed process 2000 (nova-compute)\n"
        "2026-11-21T19:44:05.000000Z k1 ovn-controller - WARN main: not connected\n"
    )
    return tmp_path


def found(folder: Path, **wish: Any) -> dict[str, Any]:
    return log_search.search({"folder": str(folder), "kinds": ["openstack", "system"], **wish})


def texts(folder: Path, **wish: Any) -> list[str]:
    return [row[5] for row in found(folder, **wish)["rows"]]


def test_all_hosts_come_in_the_order_of_time(folder: Path) -> None:
    rows = found(folder)["rows"]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert {row[1] for row in rows} == {"c1", "k1"}
    assert rows[0][2] == "ovn-controller"


def test_a_traceback_is_one_record_whoever_wrote_in_between(folder: Path) -> None:
    [row] = [r for r in found(folder)["rows"] if "failed to spawn" in r[5]]
    assert row[5].splitlines()[1:] == [
        "Traceback (most recent call last):",
        '  File "/opt/nova/virt.py", line 7, in spawn',
        "OSError: no room",
    ]


@pytest.mark.parametrize(
    "wish", [{}, {"level": 40}, {"grep": "No module"}, {"units": ["nova-compute"]}]
)
def test_a_unit_that_died_at_its_start_is_found(folder: Path, wish: dict[str, Any]) -> None:
    """R-OPS-2: what a dying program said to the journal is an error, though the journal calls it info."""
    rows = [r for r in found(folder, **wish)["rows"] if "ModuleNotFoundError" in r[5]]
    assert len(rows) == 1
    if "grep" not in wish:
        assert rows[0][4] == "ERROR"
        assert rows[0][5].startswith("python: Traceback")
    assert not any("hello" in r[5] for r in rows)


def test_a_line_that_goes_on_belongs_to_the_one_before(folder: Path) -> None:
    assert "two lines\nand the second" in texts(folder, units=["nova-api"])
    assert texts(folder, grep="and the second") == ["two lines\nand the second"]


WISHES: dict[str, tuple[dict[str, Any], int]] = {
    "a host": ({"hosts": ["k1"]}, 7),
    "a unit": ({"units": ["neutron-api"]}, 2),
    "several units": ({"units": ["neutron-api", "kernel"]}, 3),
    "errors": ({"level": 40}, 3),
    "warnings": ({"level": 30}, 6),
    "since": ({"since": BEGAN + 3}, 5),
    "until": ({"until": BEGAN + 0.2}, 2),
    "a span": ({"since": BEGAN + 1, "until": BEGAN + 1.2}, 2),
    "words": ({"grep": "no ROOM"}, 0),
    "words in any letters": ({"grep": "no room"}, 1),
    "a pattern": ({"grep": r"status: \d+"}, 1),
    "a line's beginning": ({"grep": "^python: T"}, 1),
    "a vm": ({"any": ["b97230be-447c-4fb7-af2b-22fd5a3fc6b3", "tapb97"]}, 1),
    "the last two": ({"limit": 2}, 2),
    "several wishes": ({"units": ["nova-compute"], "level": 40, "since": BEGAN + 3}, 1),
    "nothing": ({"grep": "no such words"}, 0),
}


@pytest.mark.parametrize("name", WISHES)
def test_a_wish_is_kept(folder: Path, name: str) -> None:
    wish, count = WISHES[name]
    assert len(found(folder, **wish)["rows"]) == count


def test_the_limit_leaves_out_the_older_and_says_so(folder: Path) -> None:
    everything = found(folder)["rows"]
    last = found(folder, limit=3)
    assert last["rows"] == everything[-3:]
    assert last["more"]
    assert not found(folder, limit=1000)["more"]


def test_a_line_that_was_sent_twice_is_shown_once(folder: Path) -> None:
    path = folder / "hosts" / "c1" / "openstack.log"
    before = texts(folder)
    path.write_text(path.read_text() + path.read_text().splitlines(keepends=True)[2])
    assert texts(folder) == before


def test_what_was_rotated_away_is_found_in_its_order(folder: Path) -> None:
    path = folder / "hosts" / "c1" / "openstack.log"
    lines = path.read_text().splitlines(keepends=True)
    before = texts(folder)
    with gzip.open(f"{path}.2.gz", "wt") as old:
        old.writelines(lines[:2])
    Path(f"{path}.1").write_text("".join(lines[2:4]))
    path.write_text("".join(lines[4:]))
    assert texts(folder) == before
    assert texts(folder, limit=4) == before[-4:]
    assert texts(folder, grep="token issued") == ["keystone.server [None req-718f618b-d06a-4f92-a702-d961b38116f3 - - - - - -] token issued"]  # fmt: skip # noqa: E501


def test_files_older_than_the_span_are_not_read(folder: Path) -> None:
    path = folder / "hosts" / "c1" / "openstack.log"
    os.utime(path, (BEGAN - 100, BEGAN - 100))
    assert not any(row[1] == "c1" for row in found(folder, since=BEGAN)["rows"])


def test_blocks_cut_no_record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = found(folder)["rows"]
    for size in (200, 333, 700):
        monkeypatch.setattr(log_search, "FIRST_BLOCK", size)
        monkeypatch.setattr(log_search, "BLOCK", size)
        cut = found(folder)["rows"]
        assert sorted(cut) == sorted(whole)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.text(alphabet=" \nab+:-09TZ[]\x00\xe9", max_size=40), max_size=12))
def test_nothing_in_a_file_breaks_the_search(lines: list[str]) -> None:
    made = log_record.Assembler()
    made.add_all(line for text in lines for line in text.splitlines())
    block = "\n".join(lines).encode()
    for wish in ({}, {"level": 40}, {"grep": "a"}, {"any": ["req-"]}, {"units": ["nova"]}):
        log_search._records(block, log_filter.Filter(wish))


def test_a_request_leads_to_what_it_caused(folder: Path) -> None:
    wish = {"folder": str(folder), "kinds": ["openstack"]}
    told = log_requests.trace(wish, CREATE)
    assert told["ids"] == sorted([CREATE, CHILD])
    assert {row[2] for row in told["rows"]} == {
        "haproxy",
        "nova-api",
        "neutron-api",
        "nova-compute",
    }
    assert not any("somebody else" in row[5] for row in told["rows"])
    # From a child, and from the beginning of an id, the story is the same.
    for asked in (CHILD, CREATE[:12]):
        assert log_requests.trace(wish, asked)["rows"] == told["rows"]


def test_the_beginning_of_several_ids_names_them(folder: Path) -> None:
    told = log_requests.trace({"folder": str(folder), "kinds": ["openstack"]}, "req-")
    assert CREATE in told["candidates"]
    assert told["rows"] == []


def test_following_sees_each_new_line_once_through_a_rotation(folder: Path) -> None:
    wish = {"folder": str(folder), "kinds": ["openstack"], "grep": "LINE"}
    path = folder / "hosts" / "c1" / "openstack.log"
    places = log_follow.follow(wish, None, 0)["places"]
    line = "2026-11-21T19:45:0{}.000000+00:00 c1 nova-api 1 INFO x [-] LINE {}\n"
    with path.open("a") as log:
        log.write(line.format(1, 1))
        log.write(line.format(2, 2)[:-9])
    got = log_follow.follow(wish, places, 0)
    with path.open("a") as log:
        log.write(line.format(2, 2)[-9:])
    path.rename(f"{path}.1")
    path.write_text(line.format(3, 3) + "no record\n")
    more = log_follow.follow(wish, got["places"], 0)
    said = [row[5][-6:] for row in [*got["rows"], *more["rows"]]]
    assert said == ["LINE 1", "LINE 2", "LINE 3"]
    assert log_follow.follow(wish, more["places"], 0.01)["rows"] == []


def test_a_host_s_own_files_are_read_in_the_gathered_form() -> None:
    common = {"unit": "nova-api", "form": "common"}
    line = "2026-11-21T19:44:05.286412+00:00 1120 INFO nova.api [-] up"
    path = "/var/log/x.log"
    assert log_direct.formed(line, common, "one", path, "2026-11-21T19:44:05.000000+00:00") == (
        "2026-11-21T19:44:05.286412+00:00 one nova-api 1120 INFO nova.api [-] up"
    )
    assert log_direct.formed(
        "  more", common, "one", path, "2026-11-21T19:44:05.000000+00:00"
    ).endswith("one nova-api - +   more")
    ovs = {"unit": "ovn-northd", "form": "ovs"}
    line = "2026-11-21T19:49:27.166Z|00015|memory_trim|INFO|a|b"
    assert log_direct.formed(line, ovs, "one", path, "2026-11-21T19:44:05.000000+00:00") == (
        "2026-11-21T19:49:27.166Z one ovn-northd - INFO memory_trim: a|b"
    )


ENTRY = {
    "__REALTIME_TIMESTAMP": "1795290245286412",
    "MESSAGE": "said",
    "PRIORITY": "4",
    "_PID": "1",
}
ENTRIES: dict[str, tuple[dict[str, Any], str]] = {
    "of systemd about a unit": (
        {"UNIT": "nova-api.service", "_SYSTEMD_UNIT": "init.scope", "SYSLOG_IDENTIFIER": "systemd"},
        "one nova-api 1 WARNING systemd: said",
    ),
    "of a unit": (
        {"_SYSTEMD_UNIT": "mariadb.service", "SYSLOG_IDENTIFIER": "mariadbd"},
        "one mariadb 1 WARNING mariadbd: said",
    ),
    "of a login": (
        {"_SYSTEMD_UNIT": "session-1.scope", "SYSLOG_IDENTIFIER": "sudo"},
        "one sudo 1 WARNING said",
    ),
    "of many lines": ({"_SYSTEMD_UNIT": "x.service", "MESSAGE": "a\nb"}, "one x 1 WARNING a#012b"),
    "of bytes": (
        {"_SYSTEMD_UNIT": "x.service", "MESSAGE": [97, 255]},
        "one x 1 WARNING a\N{REPLACEMENT CHARACTER}",
    ),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_of_the_journal_gets_the_gathered_form(name: str) -> None:
    entry, line = ENTRIES[name]
    assert (
        log_direct.of_entry({**ENTRY, **entry}, "one") == f"2026-11-21T19:44:05.286412+00:00 {line}"
    )


def test_what_open_vswitch_repeats_in_the_journal_is_left_out() -> None:
    assert log_direct.of_entry({**ENTRY, "MESSAGE": "ovs|00001|x|ERR|y"}, "one") == ""


def test_times_of_every_kind_are_read() -> None:
    for stamp in (
        "2026-11-21T19:44:05.5+00:00",
        "2026-11-21T19:44:05.500Z",
        "2026-11-22T04:44:05.5+09:00",
    ):
        assert log_record.seconds(stamp) == BEGAN + 0.5
    for wrong in ("", "2026", "2026-13-41T99:00:00Z", "x"):
        assert log_record.seconds(wrong) is None
    assert re.fullmatch(r"\d+", str(log_record.rank("nonsense")))
