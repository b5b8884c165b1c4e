"""The last error of a log, and when it was."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from gureum.remote import last_error
from gureum.remote.process import Done

OPENSTACK = """\
2026-11-21 15:05:47.570 1089 INFO nova.service [-] Starting
2026-11-21 15:05:48.500 1089 ERROR nova.compute.manager [None req-1 - - - -] No disk: OSError
2026-11-21 15:05:48.500 1089 ERROR nova.compute.manager Traceback (most recent call last):
2026-11-21 15:05:48.500 1089 ERROR nova.compute.manager OSError: no space left
2026-11-21 15:05:48.500 1089 ERROR nova.compute.manager \n2026-11-21 15:05:49.000 1089 INFO nova.service on
"""
RABBITMQ = (
    "\x1b[38;5;160m2026-11-21 16:37:43.209229+00:00 [error] <0.84.0> access refused for nova\x1b[0m\n"
    "2026-11-21 16:37:44.209229+00:00 [info] <0.85.0> closed after an error\n"
)
AT = 1795273548.5


def test_openstacks_last_line_that_says_something_counts() -> None:
    assert last_error.of_text(OPENSTACK, utc=True) == {
        "time": AT,
        "line": "OSError: no space left",
    }


def test_rabbitmqs_level_in_brackets_is_an_error_and_its_colours_go() -> None:
    found = last_error.of_text(RABBITMQ, utc=False)
    assert found is not None
    assert found["line"] == "<0.84.0> access refused for nova"
    assert found["time"] == pytest.approx(AT + 5514.709, abs=0.01)


def test_a_log_in_order_has_no_error() -> None:
    assert (
        last_error.of_text("2026-11-21 15:05:47.570 1 INFO x failed over, refused\n", True) is None
    )


def test_a_line_without_a_zone_is_of_the_hosts_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-OPS-11: what the distribution ships logs in the zone of its host."""
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    try:
        line = "2026-11-21 15:05:48.500 1089 ERROR x y"
        assert last_error.moment(line, utc=True) == AT
        assert last_error.moment(line, utc=False) == AT - 9 * 3600
        assert last_error.moment(line[:23] + "-0330 ERROR", utc=False) == AT + 3.5 * 3600
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_latest_of_several_files_is_told_with_its_path(tmp_path: Path) -> None:
    old, new = tmp_path / "old.log", tmp_path / "new.log"
    old.write_text("2026-11-20 15:05:48.500 1 ERROR a b\n")
    new.write_text(OPENSTACK)
    found = last_error.of_files([str(new), str(old), str(tmp_path / "none")], utc=True)
    assert found is not None
    assert (found["path"], found["time"]) == (str(new), AT)


def test_word_of_a_rotated_log_is_no_error_of_ceph(monkeypatch: pytest.MonkeyPatch) -> None:
    """logrotate sends SIGHUP, and Ceph's daemons write that down at the level of errors."""
    said = (
        "monclient: hunting for new mon",
        "received  signal: Hangup from killall -q -1 ceph-mon ceph-osd  (PID: 712) UID: 0",
    )
    entries = [
        {
            "_SYSTEMD_UNIT": "ceph-mon@one.service",
            "MESSAGE": text,
            "__REALTIME_TIMESTAMP": "1000000",
        }
        for text in said
    ]
    output = "\n".join(json.dumps(entry) for entry in entries)
    done = Done(("journalctl",), 0, output, 0.0)
    monkeypatch.setattr(last_error, "run", lambda *_, **__: done)
    found = last_error.of_journal(["ceph-mon@one"])
    assert found["ceph-mon@one.service"]["line"] == said[0]
