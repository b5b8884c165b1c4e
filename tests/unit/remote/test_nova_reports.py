"""When a nova-compute counts as up, and when as up again."""

from __future__ import annotations

import time

import pytest

from gureum.remote import nova_reports
from gureum.remote.failure import Failure

SPEC = {"hosts": ["one", "two"], "within": 1.5}


def ages(monkeypatch: pytest.MonkeyPatch, *rows: list[str]) -> None:
    monkeypatch.setattr(nova_reports, "query", lambda _: list(rows))


def test_a_host_is_up_within_novas_own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    ages(monkeypatch, ["one", "59"], ["two", "60"])
    reading = nova_reports.read(SPEC)
    assert (reading["one"], reading["two"]) == (True, False)


def test_a_host_without_a_record_or_a_silent_database_is_not_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ages(monkeypatch, ["one", "NULL"])
    assert not nova_reports.read(SPEC)["one"]
    monkeypatch.setattr(nova_reports, "query", lambda _: None)
    assert not nova_reports.read(SPEC)["two"]


def test_only_a_report_younger_than_the_wait_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-OPS-1: a report of the process before the restart proves nothing of the one after."""
    began = time.monotonic()

    def answer(_: str) -> list[list[str]]:
        new = time.monotonic() - began > 0.2
        return [["one", "0"], ["two", "0" if new else "7"]]

    monkeypatch.setattr(nova_reports, "query", answer)
    [evidence] = nova_reports.change(SPEC, {})
    assert evidence["exit"] == 0
    assert time.monotonic() - began > 1


def test_a_host_that_stays_silent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    ages(monkeypatch, ["one", "0"], ["two", "30"])
    with pytest.raises(Failure, match="nova-compute of two has not reported"):
        nova_reports.change(SPEC, {})
