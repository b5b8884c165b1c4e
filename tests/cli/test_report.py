"""`gureum report` where there is nothing to report, or nowhere to put it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Gureum = Callable[..., Any]


def test_a_cloud_that_was_never_built(gureum: Gureum) -> None:
    ended = gureum("report")
    assert (ended.code, ended.out) == (1, "")
    assert "error: there is no cloud 'cloud' yet" in ended.err
    assert ended.err.splitlines()[-1] == "hint: gureum up"
    assert not list(Path().iterdir()), "nothing is made by asking"


def test_a_name_that_cannot_be_one_and_an_option_that_is_misspelt(gureum: Gureum) -> None:
    assert gureum("report", "--cloud", "").code == 1
    assert gureum("report", "--cloud", "../etc").code == 1
    ended = gureum("report", "--ofline")
    assert ended.code == 1
    assert "--offline" in ended.err
