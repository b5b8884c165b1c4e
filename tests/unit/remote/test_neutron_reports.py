"""When an agent of neutron counts as alive, and when as alive again."""

from __future__ import annotations

import time

import pytest

from gureum.remote import neutron_reports
from gureum.remote.failure import Failure

SPEC = {"agents": ["L3 agent of one", "DHCP agent of one"], "within": 1.5}


def rows(monkeypatch: pytest.MonkeyPatch, *found: list[str]) -> None:
    monkeypatch.setattr(neutron_reports, "query", lambda _: list(found))


def test_an_agent_is_alive_within_neutrons_own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-SVC-5: each agent counts for itself, not its host."""
    rows(monkeypatch, ["L3 agent of one", "74"], ["DHCP agent of one", "75"])
    reading = neutron_reports.read(SPEC)
    assert (reading["L3 agent of one"], reading["DHCP agent of one"]) == (True, False)


def test_only_a_report_younger_than_the_wait_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()

    def answer(_: str) -> list[list[str]]:
        new = time.monotonic() - began > 0.2
        return [["L3 agent of one", "0"], ["DHCP agent of one", "0" if new else "20"]]

    monkeypatch.setattr(neutron_reports, "query", answer)
    [evidence] = neutron_reports.change(SPEC, {})
    assert evidence["exit"] == 0
    assert time.monotonic() - began > 1


def test_an_agent_that_stays_silent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rows(monkeypatch, ["L3 agent of one", "0"])
    with pytest.raises(Failure, match=r"^DHCP agent of one has not reported"):
        neutron_reports.change(SPEC, {})
