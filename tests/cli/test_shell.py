"""What the command line prints and how it exits; the pictures lie in __snapshots__."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gureum = Callable[..., Any]


def test_help(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("--help")) == snapshot


def test_without_a_command_the_help_is_shown(gureum: Gureum) -> None:
    ended = gureum()
    assert ended.code == 1
    assert "Commands:" in ended.err
    assert not ended.out


@pytest.mark.parametrize("command", ["init", "schema"])
def test_help_of_a_command(gureum: Gureum, snapshot: Any, command: str) -> None:
    assert str(gureum(command, "--help")) == snapshot


def test_version(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("--version")) == snapshot


@pytest.mark.parametrize(
    "arguments", [("ini",), ("init", "--shap", "x"), ("init", "--shape", "two"), ("--verison",)]
)
def test_a_command_that_is_misspelt(
    gureum: Gureum, snapshot: Any, arguments: tuple[str, ...]
) -> None:
    assert str(gureum(*arguments)) == snapshot


def test_init(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("init")) == snapshot
    assert Path("cloud.yaml").read_text() == snapshot(name="file")


def test_init_replaces_nothing_unless_told_to(gureum: Gureum, snapshot: Any) -> None:
    Path("mine.yaml").write_text("mine")
    assert str(gureum("init", "mine.yaml")) == snapshot
    assert Path("mine.yaml").read_text() == "mine"
    assert gureum("init", "--force", "mine.yaml").code == 0
    assert Path("mine.yaml").read_text() != "mine"


def test_init_into_a_folder_that_is_not_there(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("init", "no/cloud.yaml")) == snapshot


def test_schema(gureum: Gureum) -> None:
    ended = gureum("schema")
    assert (ended.code, ended.err) == (0, "")
    assert "hosts" in json.loads(ended.out)["required"]


MISTAKES = """\
relese: 2026.2
hosts:
  one:
    roles: [contoller, network, compute]
    port: 0
networks:
  management: {cidr: 192.0.2.5/24}
lab:
  os: debian-11
"""


def test_every_mistake_of_the_input_is_shown(gureum: Gureum, snapshot: Any) -> None:
    """R-PREP-8: file, line, what is wrong, the nearest valid name."""
    Path("cloud.yaml").write_text(MISTAKES)
    assert str(gureum("plan")) == snapshot


def test_an_input_that_is_not_there(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("plan", "--file", "clod.yaml")) == snapshot


def test_a_name_that_cannot_be_one(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("plan", "--cloud", "My Cloud")) == snapshot


@pytest.mark.parametrize("command", ["status", "endpoints"])
def test_a_cloud_that_is_not_there(gureum: Gureum, command: str) -> None:
    ended = gureum(command)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "error: there is no cloud 'cloud' yet\nhint: gureum up\n"


def test_hints_are_spelt_as_gureum_was_started(
    gureum: Gureum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUREUM_PROGRAM", "./run gureum")
    assert "hint: ./run gureum up --cloud two\n" in gureum("status", "--cloud", "two").err
    assert "next:\n  ./run gureum up\n" in gureum("init").err
    assert "hint: ./run gureum --help\n" in gureum("plan", "--file").err


def test_a_cloud_whose_hosts_are_gone(gureum: Gureum, tmp_path: Path) -> None:
    (tmp_path / "home" / "clouds" / "cloud").mkdir(parents=True)
    ended = gureum("status")
    assert (ended.code, ended.out) == (1, "")
    assert "error: the cloud 'cloud' is not there: it lacks the host one\n" in ended.err
    assert ended.err.endswith("hint: gureum up\n")
