"""R-OPS-1, R-SVC-9: what `gureum service` says where no host has to be asked."""

from __future__ import annotations

import json
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
    assert str(gureum("service", "--help")) == snapshot


@pytest.mark.parametrize("command", ["status", "start", "stop", "restart", "show"])
def test_a_cloud_that_is_not_there(gureum: Gureum, command: str) -> None:
    ended = gureum("service", command, "nova")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "error: there is no cloud 'cloud' yet\nhint: gureum up\n"


@pytest.mark.usefixtures("_seen")
@pytest.mark.parametrize("command", ["status", "start", "stop", "restart", "show"])
def test_a_misspelt_name_gets_the_nearest(gureum: Gureum, command: str) -> None:
    ended = gureum("service", command, "nova-schduler", "--host", "oen")
    assert (ended.code, ended.out) == (1, "")
    assert "no service or unit is named 'nova-schduler'" in ended.err
    assert "did you mean 'nova-scheduler'" in ended.err
    assert "no host is named 'oen'\n    hint: did you mean 'one'?" in ended.err


@pytest.mark.usefixtures("_seen")
@pytest.mark.parametrize("command", ["stop", "restart"])
def test_everything_at_once_is_asked_for_in_so_many_words(gureum: Gureum, command: str) -> None:
    ended = gureum("service", command)
    assert (ended.code, ended.out) == (1, "")
    assert f"error: {command} which units? without a name these are all " in ended.err
    assert ended.err.endswith(f"hint: gureum service {command} --all\n")


@pytest.mark.usefixtures("_seen")
def test_show_needs_no_host(gureum: Gureum, snapshot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gureum.operate.services.show.the_known", _at_a_fixed_time())
    ended = gureum("service", "show", "nova-api", "--offline")
    assert str(ended) == snapshot


def _at_a_fixed_time() -> Callable[..., Any]:
    from dataclasses import replace

    from gureum.operate.services.selection import the_known

    return lambda deployment: replace(the_known(deployment), seen=1795273548.0)


@pytest.mark.usefixtures("_seen")
def test_show_of_hosts_that_are_gone_says_so_and_shows_the_rest(gureum: Gureum) -> None:
    ended = gureum("service", "show", "rabbitmq", "--json")
    assert ended.code == 0
    found = json.loads(ended.out)
    assert "cannot be asked" in found["unknown"]["one"]
    [unit] = found["units"]
    assert unit["life"] is None
    assert unit["anatomy"]["unit"] == "rabbitmq-server"
