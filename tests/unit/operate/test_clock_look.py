"""A host's clock, asked for beside all else that a status wants of it."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

import pytest

from gureum.operate.clock_look import asked_clock
from gureum.operate.health import HostHealth

GOOD = {"reference": "10.0.0.9", "offset": 0.0002, "leap": "Normal", "sources": {"10.0.0.9": 8}}


class Host:
    """A host whose clock is ahead by some seconds and that chronyd measures in some way."""

    def __init__(self, ahead: float = 0.0, **answer: Any) -> None:
        self._answer = {**answer, "time": time.time() + ahead}

    def submit(self, *_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(self._answer)
        return future


def told(host: Host, *, follows: bool = True) -> HostHealth:
    return asked_clock(host)(HostHealth(name="one"), follows=follows)


def test_a_good_clock_is_told_by_its_offset() -> None:
    """R-PREP-6: what chronyd measures, in seconds."""
    found = told(Host(**GOOD))
    assert (found.offset, found.clock) == (0.0002, ())
    assert found.ahead == pytest.approx(0, abs=0.5)


def test_a_clock_that_is_off_and_one_that_follows_nobody_are_told() -> None:
    """R-PREP-6: a host that has nobody to follow is its own master, any other is not."""
    assert told(Host(**{**GOOD, "offset": 0.4})).clock == ("one is +0.400 s off 10.0.0.9",)
    alone = Host(reference="", offset=0.0, leap="Not synchronised")
    assert told(alone).clock == ("one follows no time server (it has none to ask)",)
    assert told(alone, follows=False).clock == ()


def test_a_clock_is_held_against_this_machines_even_where_chronyd_is_silent() -> None:
    found = told(Host(ahead=30, error="506 Cannot talk to daemon"))
    assert (found.offset, found.clock) == (None, ())
    assert found.ahead == pytest.approx(30, abs=0.5)
