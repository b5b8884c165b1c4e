"""R-OPS-11: times are shown in the operator's zone, which is said."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from gureum.moment import read
from gureum.views.moments import clock, stamp, zone

AT = 1795273548.0
"""2026-11-21 15:05:48 UTC"""


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def choose(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield choose
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("UTC", "2026-11-21 15:05:48 UTC"),
        ("Asia/Seoul", "2026-11-22 00:05:48 KST"),
        ("Europe/Berlin", "2026-11-21 16:05:48 CET"),
        ("Asia/Kathmandu", "2026-11-21 20:50:48 UTC+05:45"),
    ],
)
def test_the_zone_of_the_shell_is_obeyed_and_named(
    local: Callable[[str], None], name: str, shown: str
) -> None:
    local(name)
    assert stamp(AT) == shown


def test_summer_time_is_that_of_the_moment_and_not_of_today(local: Callable[[str], None]) -> None:
    local("Europe/Berlin")
    assert (zone(AT), zone(AT - 150 * 86400)) == ("CET", "CEST")


def test_today_needs_no_date(local: Callable[[str], None]) -> None:
    local("Asia/Seoul")
    assert clock(AT, AT + 60) == "00:05:48"
    assert clock(AT - 3600, AT) == "Nov 21 23:05"
    assert clock(AT - 400 * 86400, AT) == "2025-10-18 00:05"


def test_a_moment_of_another_zone_is_read_in_ones_own(local: Callable[[str], None]) -> None:
    local("Asia/Seoul")
    assert read("2026-11-21T15:05:48+00:00") == "2026-11-22 00:05:48 KST"
    assert read("a moment ago") == "a moment ago"
