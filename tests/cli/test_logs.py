"""R-OPS-2: what `gureum logs` says where no host has to be asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_host import FACTS

from gureum.operate.known import keep_facts
from gureum.state.folder import CloudFolder

Gureum = Callable[..., Any]


@pytest.fixture
def _seen(tmp_path: Path) -> None:
    folder = CloudFolder("cloud", tmp_path / "home").make()
    keep_facts(folder, {"one": "192.0.2.11"}, {"one": FACTS})


def test_help(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("logs", "--help")) == snapshot


def test_a_cloud_that_is_not_there(gureum: Gureum) -> None:
    for options in ((), ("--request", "req-1a2b3c4d"), ("-f",)):
        ended = gureum("logs", *options)
        assert (ended.code, ended.out) == (1, "")
        assert ended.err == "error: there is no cloud 'cloud' yet\nhint: gureum up\n"


@pytest.mark.usefixtures("_seen")
def test_all_mistakes_are_told_at_once(gureum: Gureum) -> None:
    ended = gureum(
        "logs", "--host", "oen", "--level", "eror", "--grep", "(", "--request", "xyz", "-n", "0",
        "--since", "5m", "--until", "1h",
    )  # fmt: skip
    assert (ended.code, ended.out) == (1, "")
    assert "no host is named 'oen'\n    hint: did you mean 'one'?" in ended.err
    assert "no level is named 'eror'\n    hint: did you mean 'error'?" in ended.err
    assert "--grep '(': " in ended.err
    assert "'xyz' is no request id" in ended.err
    assert "0 records are none" in ended.err
    assert "--since is later than --until" in ended.err


@pytest.mark.usefixtures("_seen")
@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_time_that_is_none(gureum: Gureum, option: str) -> None:
    ended = gureum("logs", option, "soon")
    assert ended.code == 1
    assert f"error: {option} 'soon' is no time" in ended.err
    assert f"hint: {option} 10m, " in ended.err


@pytest.mark.usefixtures("_seen")
def test_what_cannot_go_together_is_said(gureum: Gureum) -> None:
    ended = gureum("logs", "--vm", "web", "--request", "req-1a2b3c4d")
    assert ended.code == 1
    assert "error: --vm and --request are two questions" in ended.err
