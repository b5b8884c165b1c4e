"""One call tells what a host's files are, and brings along only what differs."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
from pathlib import Path
from typing import Any

from gureum.remote import on_disk


def wanted(path: Path, text: str = "a\n", **fields: Any) -> dict[str, Any]:
    return {
        "path": str(path),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "owner": pwd.getpwuid(os.geteuid()).pw_name,
        "group": grp.getgrgid(os.getegid()).gr_name,
        "mode": 0o644,
        "ours": [],
    } | fields


def test_content_comes_only_where_it_differs(tmp_path: Path) -> None:
    same, other = tmp_path / "same", tmp_path / "other"
    same.write_text("a\n")
    other.write_bytes(b"b\r\n\xff")
    for path in (same, other):
        path.chmod(0o644)
    answer = on_disk.look([wanted(same), wanted(other), wanted(tmp_path / "none")], [])
    files = answer["files"]
    assert "content" not in files[str(same)]
    assert files[str(other)]["content"] == b"b\r\n\xff"
    assert files[str(tmp_path / "none")]["exists"] is False
    assert set(answer["traces"]) == {str(other)}


def test_traces_are_not_looked_for_where_gureum_did_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("older\n")
    path.chmod(0o644)
    ours = [hashlib.sha256(b"older\n").hexdigest()]
    assert on_disk.look([wanted(path, ours=ours)], [])["traces"] == {}
    assert on_disk.look([wanted(path, ours=ours, mode=0o600)], [])["traces"]


def test_links_and_folders_are_named(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/etc/passwd")
    assert on_disk.read(wanted(link))["target"] == "/etc/passwd"
    assert on_disk.read(wanted(tmp_path))["sha256"] == "not a file"
