"""Runs the command line in this process, in an empty folder, 80 columns wide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gureum.cli.main import run


@dataclass(frozen=True)
class Ended:
    """How a command ended, printed as a person would see it."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n----- stdout\n{self.out}----- stderr\n{self.err}"


@pytest.fixture
def gureum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Return a function that runs gureum with arguments; its folder is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("GUREUM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GUREUM_PROGRAM", raising=False)

    def call(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run(arguments)
        shown = capsys.readouterr()
        return Ended(code, shown.out, shown.err.replace(str(tmp_path), "HERE"))

    return call
