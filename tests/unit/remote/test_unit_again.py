"""A unit that dies right after it was ready, and that systemd starts again, did start (R-VERIFY-3)."""

from __future__ import annotations

from typing import Any

import pytest

from gureum.remote import unit

SPEC = {"name": "ovn-controller", "enabled": True, "log_files": (), "inputs": ()}
BEFORE = {"active": "inactive", "enabled": True}


@pytest.mark.parametrize(("then", "waits"), [("activating", 1), ("active", 0), ("failed", 0)])
def test_it_is_waited_for_once_more(then: str, waits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[Any] = []
    readings = [{"active": then}, {"active": "active"}]
    monkeypatch.setattr(unit, "start", lambda *_: None)
    monkeypatch.setattr(unit, "read", lambda _: readings.pop(0))
    monkeypatch.setattr(unit, "_wait_until_ready", lambda *given: waited.append(given))
    evidence = unit.change(SPEC, BEFORE)
    assert len(waited) == waits
    assert evidence[-1]["reading"]["active"] == ("active" if waits else then)
