"""How this machine feels, by its kernel's numbers."""

from __future__ import annotations

import time

from gureum.remote.vitals import _up_since, vitals


def test_vitals_are_plausible_and_quick() -> None:
    began = time.monotonic()
    found = vitals()
    assert time.monotonic() - began < 3
    assert 0 < found["up_since"] <= time.time() + 1
    assert len(found["load"]) == 3
    assert 0 < found["memory_free_mb"] < found["memory_mb"]
    assert found["disks"][0]["path"] == "/"
    assert 0 <= found["disks"][0]["free_mb"] <= found["disks"][0]["total_mb"]


def test_a_container_is_up_since_its_own_start() -> None:
    fields = " ".join(["S", *["0"] * 18, "4200", "0"])
    assert _up_since("cpu 1\nbtime 1000\n", f"1 (a (b) c) {fields}") == 1042.0
