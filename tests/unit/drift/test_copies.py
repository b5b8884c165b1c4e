"""What an apply takes back is kept, readable by nobody else, and not for ever."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gureum.drift import copies
from gureum.state.folder import CloudFolder


def test_a_copy_is_the_file_byte_for_byte(tmp_path: Path) -> None:
    folder = CloudFolder("c", tmp_path)
    content = b"[DEFAULT]\r\n\xff\n"
    kept = copies.keep(folder, {("one", "/etc/nova/nova.conf"): content})
    (copy,) = copies.copies(folder)
    assert (copy.host, copy.path) == ("one", "/etc/nova/nova.conf")
    assert kept["one", "/etc/nova/nova.conf"] == copy.copy
    assert Path(copy.copy).read_bytes() == content
    assert os.stat(copy.copy).st_mode & 0o777 == 0o600


def test_only_the_last_runs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = CloudFolder("c", tmp_path)
    clock: Any = iter(range(1_790_000_000, 1_790_001_000))
    monkeypatch.setattr(copies.time, "time", lambda: float(next(clock)))
    for number in range(copies.KEPT + 3):
        copies.keep(folder, {("one", "/a"): b"%d" % number})
    found = copies.copies(folder)
    assert len(found) == copies.KEPT
    assert Path(found[0].copy).read_bytes() == b"%d" % (copies.KEPT + 2)
    assert copies.keep(folder, {}) == {}
