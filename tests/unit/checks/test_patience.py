"""What settles by itself is waited for, and only then."""

from __future__ import annotations

import itertools
import time

from gureum.checks.patience import settled


def test_what_is_right_at_first_sight_is_looked_at_once() -> None:
    looks = itertools.count()
    assert settled(lambda: next(looks), lambda seen: seen > 5) == 0
    assert next(looks) == 1


def test_what_settles_is_seen_settled() -> None:
    looks = itertools.count()
    assert settled(lambda: next(looks), lambda seen: seen < 1, within=5) == 1


def test_what_stays_wrong_is_given_back_in_time() -> None:
    began = time.monotonic()
    assert settled(lambda: "wrong", lambda seen: [seen], within=0.2) == "wrong"
    assert time.monotonic() - began < 2
