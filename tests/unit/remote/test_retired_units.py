"""Units of a role that a host lost: stopped and forgotten; nobody else's are touched (R-TOPO-6)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gureum.remote import retired_units
from gureum.remote.failure import Failure


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Lay the note and the units of a host below a folder, and keep what would be run."""
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(retired_units, "NOTE", str(tmp_path / "units.json"))
    monkeypatch.setattr(retired_units, "FOLDER", str(tmp_path))
    monkeypatch.setattr(retired_units, "must", lambda words, *_: ran.append(words))
    monkeypatch.setattr(retired_units.reload, "daemon_reload", list)
    monkeypatch.setattr(retired_units, "running_vms", list)
    return ran


def bring_about(*units: str) -> dict[str, Any]:
    spec = {"units": list(units)}
    before = retired_units.read(spec)
    retired_units.change(spec, before)
    after = retired_units.read(spec)
    assert after == {"retired": [], "noted": sorted(units), "_exists": True}
    return before


def test_what_a_host_had_before_is_nobodys_business(commands: list[tuple[str, ...]]) -> None:
    """A first apply notes its own units and stops none: it cannot know whose the others are."""
    assert bring_about("chrony.service")["_exists"] is False
    assert commands == []


def test_the_units_of_a_lost_role_are_stopped_in_the_other_order(
    commands: list[tuple[str, ...]], tmp_path: Path
) -> None:
    bring_about("chrony.service", "libvirtd.service", "nova-compute.service")
    for name in ("nova-compute.service", "chrony.service"):
        (tmp_path / name).write_text("[Unit]\n")
    before = bring_about("chrony.service")
    assert before["retired"] == ["libvirtd.service", "nova-compute.service"]
    stopped = ("nova-compute.service", "libvirtd.service")
    assert commands == [("systemctl", "disable", "--now", *stopped)]
    assert not (tmp_path / "nova-compute.service").exists()
    assert (tmp_path / "chrony.service").exists()


def test_vms_keep_the_role_where_it_is(
    commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_about("nova-compute.service")
    monkeypatch.setattr(retired_units, "running_vms", lambda: [{}, {}])
    with pytest.raises(Failure, match=r"2 VMs .*drain"):
        retired_units.change({"units": []}, retired_units.read({"units": []}))
    assert commands == []
    assert retired_units.read({"units": []})["noted"] == ["nova-compute.service"]


def test_a_torn_note_stops_nothing(commands: list[tuple[str, ...]], tmp_path: Path) -> None:
    (tmp_path / "units.json").write_text(json.dumps(["a.service"])[:5])
    assert bring_about("chrony.service")["retired"] == []
    assert commands == []
