"""What people are told to type starts the way they started gureum."""

from __future__ import annotations

import pytest

from gureum import program
from gureum.cli.commands import COMMANDS
from gureum.program import runnable


@pytest.fixture
def _from_a_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUREUM_PROGRAM", "./run gureum")


def test_the_commands_are_the_real_ones() -> None:
    assert set(program.COMMANDS) == {entry.name for entry in COMMANDS}


@pytest.mark.usefixtures("_from_a_clone")
@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("gureum up", "./run gureum up"),
        ("  gureum up --cloud two", "  ./run gureum up --cloud two"),
        ("gureum --help", "./run gureum --help"),
        ("stop it, then: gureum apply", "stop it, then: ./run gureum apply"),
        (
            "`gureum plan`; gureum ssh one uptime",
            "`./run gureum plan`; ./run gureum ssh one uptime",
        ),
        ("./run gureum release refresh", "./run gureum release refresh"),
        ("run gureum on Debian 12 or 13", "run gureum on Debian 12 or 13"),
        ("gureum builds 2026.2", "gureum builds 2026.2"),
        ("ls /var/lib/gureum up", "ls /var/lib/gureum up"),
    ],
)
def test_only_commands_are_spelt_anew(text: str, typed: str) -> None:
    assert runnable(text) == typed


def test_an_installation_has_the_plain_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUREUM_PROGRAM", raising=False)
    assert runnable("gureum up") == "gureum up"
