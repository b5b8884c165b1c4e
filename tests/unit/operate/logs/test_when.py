"""R-OPS-11: times are typed and shown in the operator's zone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gureum.errors import InputError
from gureum.operate.logs.when import when

NOW = 1795290245.0
"""2026-11-21 19:44:05 UTC, which is 2026-11-22 04:44:05 in Seoul."""


@pytest.fixture(autouse=True)
def _in_seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "ago"),
    {
        "10m": 600, "90s": 90, "2h": 7200, "1h30m": 5400, "1 h 30 min ago": 5400, "1.5h": 5400,
        "1d": 86400, "2 weeks": 14 * 86400, "now": 0, "04:40": 245, "04:44:05": 0,
        # Still to come today, so yesterday's.
        "04:45": 86400 - 55, "23:44:05": 5 * 3600,
        "today": 4 * 3600 + 44 * 60 + 5, "yesterday": 28 * 3600 + 44 * 60 + 5,
        "2026-11-22 04:40": 245, "2026-11-22T04:40:05": 240, "2026-11-21T19:40:05Z": 240,
        "2026-11-21 19:40:05+00:00": 240, "@1795290000": 245, "2026-11-22": 4 * 3600 + 44 * 60 + 5,
    }.items(),
)  # fmt: skip
def test_a_time_means_what_the_clock_here_shows(text: str, ago: float) -> None:
    assert when(text, NOW, "--since") == NOW - ago


@pytest.mark.parametrize(
    "text", ["", "soon", "10", "10 parsecs", "25:00", "12:60", "2026-13-01", "m", "-5m"]
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InputError) as caught:
        when(text, NOW, "--since")
    assert caught.value.summary == f"--since {text!r} is no time"
    assert "--since 10m" in caught.value.diagnostics[0].hint
