"""A password that keystone accepted is not tried again before keystone holds another hash."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.remote import passwords_proven

USERS = {"nova": ("secret", ["admin"]), "glance": ("other", ["service"])}


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    found = [["nova", "$2b$old"], ["nova", "$2b$new"], ["admin", "$2b$x"]]
    monkeypatch.setattr(passwords_proven, "query", lambda _: found)
    return found


def test_a_mark_is_of_the_hash_in_force_and_the_wanted_password(rows: list[list[str]]) -> None:
    marks = passwords_proven.marks(USERS)
    assert set(marks) == {"nova"}, "glance has no hash yet"
    rows[0][1] = "$2b$older"
    assert passwords_proven.marks(USERS) == marks
    assert passwords_proven.marks({"nova": ("another", [])}) != marks
    rows[1][1] = "$2b$newer"
    assert passwords_proven.marks(USERS) != marks


def test_without_a_database_nothing_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords_proven, "query", lambda _: None)
    assert passwords_proven.marks(USERS) == {}


def test_a_record_is_for_root_alone_and_a_torn_one_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords_proven, "PATH", str(tmp_path / "proven.json"))
    assert passwords_proven.read() == {}
    passwords_proven.write({"nova": "mark"})
    assert passwords_proven.read() == {"nova": "mark"}
    assert (tmp_path / "proven.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "proven.json").write_text("[")
    assert passwords_proven.read() == {}
    monkeypatch.setattr(passwords_proven, "PATH", str(tmp_path / "missing" / "proven.json"))
    passwords_proven.write({"nova": "mark"})
