"""R-SVC-5: what `gureum tempest` says where no cloud has to be asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

Gureum = Callable[..., Any]


def test_help(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("tempest", "--help")) == snapshot


def test_what_can_be_run_and_what_is_left_out(gureum: Gureum) -> None:
    ended = gureum("tempest", "--list")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"^  network +networks, ports", ended.out, re.MULTILINE)
    assert "with one store" in ended.out
    found = json.loads(gureum("tempest", "--list", "--json").out)
    assert {one["name"] for one in found["selections"]} >= {"smoke", "network", "compute"}
    assert all(one["why"] for one in found["left_out"])


def test_a_misspelt_selection_gets_the_nearest(gureum: Gureum) -> None:
    ended = gureum("tempest", "netwrok", "comptue")
    assert (ended.code, ended.out) == (1, "")
    assert "'netwrok': neither a selection" in ended.err
    assert "'comptue': neither a selection" in ended.err
    assert "hint: did you mean 'network'" in ended.err


def test_a_cloud_that_is_not_there(gureum: Gureum) -> None:
    ended = gureum("tempest", "network")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "error: there is no cloud 'cloud' yet\nhint: gureum up\n"


def test_no_test_at_a_time_is_refused(gureum: Gureum) -> None:
    ended = gureum("tempest", "network", "--concurrency", "0")
    assert ended.code == 1
    assert "--concurrency" in ended.err
