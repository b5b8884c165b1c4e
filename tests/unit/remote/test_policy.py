"""The checker on a host is asked by files that nobody else reads, and that do not stay."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path
from typing import Any

import pytest

from gureum.remote import policy

CHECKER = """\
import json, os, stat, sys
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
paths = [words["--policy"], words["--access"], words["--target"]]
assert all(stat.S_IMODE(os.stat(path).st_mode) == 0o600 for path in paths)
assert stat.S_IMODE(os.stat(os.path.dirname(paths[0])).st_mode) == 0o700
rules = json.load(open(words["--policy"]))
assert "secret-token" not in " ".join(sys.argv)
said = {"yes": "passed: ", "no": "failed: "}.get(rules["r"], "something else: ")
print(said + words["--rule"])
"""
ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    (tmp_path / "checker.py").write_text(CHECKER)
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    return {
        "program": [sys.executable, str(tmp_path / "checker.py")],
        "user": ME,
        "rule": "r",
        "access": '{"token": "secret-token"}',
        "target": "{}",
        "questions": [
            {"policy": '{"r": "yes"}', "is_admin": False},
            {"policy": '{"r": "no"}', "is_admin": False},
            {"policy": '{"r": "?"}', "is_admin": False},
        ],
        "file": str(tmp_path / "policy.yaml"),
    }


def test_each_question_is_answered_and_no_file_stays(spec: dict[str, Any], tmp_path: Path) -> None:
    """R-CONF-5: the verdict is the checker's own."""
    found = policy.ask(spec)
    assert [answer["allowed"] for answer in found["answers"]] == [True, False, None]
    assert "something else" in found["answers"][2]["output"]
    assert found["file"] is None
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_the_cloud_runs_with_comes_along(spec: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("{}\n")
    assert policy.ask({**spec, "questions": []})["file"] == "{}\n"


def test_a_checker_that_is_not_there_answers_nothing(spec: dict[str, Any]) -> None:
    found = policy.ask({**spec, "program": ["/nowhere/oslopolicy-checker"]})
    assert [answer["allowed"] for answer in found["answers"]] == [None, None, None]
