"""The status as a person reads it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gureum.diagnostics import Diagnostic
from gureum.operate.health import (
    ApiHealth,
    CephHealth,
    CloudHealth,
    HostHealth,
    LastRun,
    UnitHealth,
)
from gureum.views import moments, status_text
from gureum.views.data import show

NOW = 1_000_000.0
DISK = {"path": "/", "free_mb": 71_000, "total_mb": 73_000, "free_inodes": 9}
HOST = HostHealth(
    name="one", os="Debian GNU/Linux 13 (trixie)", shared=True, up_since=NOW - 700, cpus=2,
    load=(1.25, 1, 1), memory_mb=24_000, memory_used_mb=8_000, pss_mb=2230.0, vms_mb=236.0,
    disks=(DISK,),
)  # fmt: skip
UNITS = (
    UnitHealth(
        service="nova", name="nova-api", host="one", state="active", good=True, since=NOW - 90,
        pss_mb=139.2,
    ),
    UnitHealth(
        service="nova", name="nova-compute", host="one", state="failed (failed)", good=False,
        since=NOW - 200, restarts=3,
    ),
)  # fmt: skip
CLOUD = CloudHealth(
    name="cloud", time=NOW, seconds=1.1, hosts=(HOST,), units=UNITS[:1],
    api=(
        ApiHealth(
            service="nova", url="https://192.0.2.1:8774/v2.1", status=200, milliseconds=42,
            tls="TLSv1.3", days=729,
        ),
    ),
    vms={"ACTIVE": 2, "ERROR": 1},
    contacts=(),
    ceph=None,
    runs=(LastRun(kind="apply", time=NOW - 7300, good=True, outcome="3 changed in 12 s"),),
    ca_days=3649, troubles=(),
)  # fmt: skip
BROKEN = replace(
    CLOUD,
    units=UNITS,
    api=(replace(CLOUD.api[0], status=0, error="ConnectionRefusedError", tls="", days=None),),
    vms=None,
    troubles=(Diagnostic("nova-compute of one is failed", hint="gureum ssh one journalctl"),),
)


def text(cloud: CloudHealth) -> str:
    return "\n".join(line for line, _ in status_text.lines(cloud))


def test_the_clock_that_is_off_most_is_told() -> None:
    """R-PREP-6: the offset is measured, and shown also where all is well."""
    hosts = (replace(HOST, offset=0.0004), replace(HOST, name="two", offset=-0.0121))
    assert "clocks: 12.1 ms off at most, as chronyd measures them" in text(
        replace(CLOUD, hosts=hosts)
    )
    assert "clocks:" not in text(CLOUD)


def test_the_verdict_comes_first() -> None:
    assert text(CLOUD).splitlines()[0] == (
        "the cloud 'cloud' is well: 1 unit run, 1 URL answer, 2.2 GB of memory (PSS)"
    )
    assert text(BROKEN).startswith("the cloud 'cloud' is not well: 1 thing is down")


def test_everything_is_said_without_colour_in_100_columns() -> None:
    shown = text(BROKEN)
    assert max(map(len, shown.splitlines())) <= 100
    for words in ("failed (failed)", "down: nova-compute of one is failed", "2230 MB", "11 min"):
        assert words in shown
    assert "and 2091 MB of the hosts' own units; beside them 236 MB of VMs" in shown
    assert "VMs: 2 ACTIVE, 1 ERROR" in text(CLOUD)
    assert "last apply: 2 h ago, 3 changed in 12 s" in text(CLOUD)


def test_a_host_that_cannot_be_asked_keeps_its_line() -> None:
    gone = replace(CLOUD, hosts=(HOST, HostHealth(name="two", error="does not run")))
    assert "two   down" in text(gone)


def test_hints_are_spelt_as_they_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUREUM_PROGRAM", "./run gureum")
    assert "  hint: ./run gureum ssh one journalctl" in text(BROKEN)


def test_as_json_it_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    show("status", BROKEN, [], json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["type"] == "status"
    assert found["units"][1]["good"] is False
    assert found["troubles"][0]["severity"] == "error"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (86400 * 3, "3 days"), (-5, "0 s")],
)
def test_times_are_told_in_their_largest_unit(seconds: int, words: str) -> None:
    assert moments.ago(NOW, NOW - seconds) == words


def test_ceph_has_a_line_of_its_own() -> None:
    stored = replace(CLOUD, ceph=CephHealth(in_short="1 of 1 disks up, its monitor answers"))
    assert "Ceph: 1 of 1 disks up, its monitor answers" in text(stored)
    assert "Ceph" not in text(CLOUD)
