"""What keepers of objects still have of users, read of lists like Swift's own and of what Ceph prints."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gureum.remote import objects_kept
from gureum.remote.failure import Failure
from gureum.remote.process import Done

TABLE = (
    "CREATE TABLE container_info (account TEXT, container TEXT, put_timestamp TEXT, "
    "delete_timestamp TEXT)"
)


def listed(place: Path, account: str, container: str, *, deleted: bool = False) -> None:
    folder = place / "containers" / "12" / "abc" / f"{account}{container}"
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / "list.db")
    database.execute(TABLE)
    times = ("0000000002.00000", "0000000003.00000" if deleted else "0000000001.00000")
    database.execute("INSERT INTO container_info VALUES (?, ?, ?, ?)", (account, container, *times))
    database.commit()
    database.close()


def test_containers_are_read_of_their_lists_but_for_deleted_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, other = tmp_path / "disk1", tmp_path / "disk2"
    listed(disk, "AUTH_1", "cats")
    listed(disk, "AUTH_1", "gone", deleted=True)
    listed(disk, ".expiring_objects", "86400")
    torn = disk / "containers" / "13" / "abc" / "torn"
    torn.mkdir(parents=True)
    (torn / "torn.db").write_bytes(b"no database")
    monkeypatch.setattr(objects_kept, "mounted", lambda place: "loop" if "1" in place[-1] else "")
    assert objects_kept.by_swift([str(disk), str(other)]) == {
        "containers": {"AUTH_1": ["cats"]},
        "unread": [str(other)],
    }


@pytest.mark.parametrize(
    "said",
    [
        '[{"bucket": "cats", "tenant": "0a1b", "owner": "0a1b$0a1b"}]',
        '2026 -1 [a line] of Ceph\n[\n{"bucket": "cats", "owner": "0a1b$0a1b"}\n]\nanother line',
    ],
)
def test_what_ceph_prints_is_found_among_its_lines(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(objects_kept, "must", lambda words, *_: Done(words, 0, said, 0.0))
    assert objects_kept.by_gateway("client.rgw.one")["containers"] == {"0a1b": ["cats"]}


def test_an_answer_that_is_none_is_no_empty_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_kept, "must", lambda words, *_: Done(words, 0, "nothing", 0.0))
    with pytest.raises(Failure):
        objects_kept.by_gateway("client.rgw.one")
