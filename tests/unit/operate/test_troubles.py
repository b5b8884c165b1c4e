"""What one look calls down, what it calls worth a look, and what it says to type."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gureum.checks.ceph_words import Complaint
from gureum.diagnostics import Severity
from gureum.model.load import default_cloud
from gureum.operate.health import ApiHealth, CephHealth, HostHealth, LastRun, UnitHealth
from gureum.operate.troubles import troubles

DISK = {"path": "/", "free_mb": 50_000, "total_mb": 70_000, "free_inodes": 1_000_000}
HOST = HostHealth(name="one", memory_mb=8000, memory_used_mb=4000, disks=(DISK,))
UNIT = UnitHealth(service="nova", name="nova-api", host="one", state="active", good=True)
API = ApiHealth(service="nova", url="https://192.0.2.1:8774", status=200, tls="TLSv1.3", days=700)
WELL: dict[str, Any] = {
    "hosts": [HOST], "units": [UNIT], "api": [API], "vms": {"ACTIVE": 2}, "runs": [], "ca_days": 3600,
}  # fmt: skip


def found(name: str = "cloud", **changed: Any) -> list[tuple[str, str, str]]:
    cloud = default_cloud(name)
    return [(t.severity.value, t.summary, t.hint) for t in troubles(cloud, **{**WELL, **changed})]


def test_a_cloud_in_order_has_no_troubles() -> None:
    assert found() == []


def test_a_dead_unit_leads_to_its_log() -> None:
    dead = replace(UNIT, good=False, state="failed (failed)")
    assert found("t", units=[dead]) == [
        (
            "error",
            "nova-api of one is failed (failed)",
            "gureum logs --cloud t --host one nova-api",
        )
    ]


def test_a_unit_that_was_restarted_is_worth_a_look() -> None:
    [(severity, summary, _)] = found(units=[replace(UNIT, restarts=3)])
    assert (severity, summary) == ("warning", "nova-api of one was restarted 3 times")


def test_a_host_that_does_not_run_is_down() -> None:
    stopped = HostHealth(name="one", error="does not run")
    assert found(hosts=[stopped], units=[]) == [("error", "one does not run", "gureum up")]


def test_a_disk_of_swift_that_is_not_mounted_is_worth_a_look() -> None:
    """R-SVC-7: which disk of which host, and what puts it back."""
    [(severity, summary, hint)] = found(hosts=[replace(HOST, unmounted=("/dev/sdc",))])
    assert (severity, hint) == ("warning", "gureum apply")
    assert summary.startswith("/dev/sdc of one, a disk of Swift, is not mounted")


def test_a_silent_endpoint_is_the_cause_of_uncounted_vms() -> None:
    silent = replace(API, status=0, error="ConnectionRefusedError", tls="", days=None)
    troubled = found(api=[silent], vms="ConnectionRefusedError")
    assert [(t[0], t[2]) for t in troubled] == [("error", "gureum verify")]
    assert [t[0] for t in found(vms="nova answers 500")] == ["error"]


def test_a_certificate_is_told_before_it_ends() -> None:
    assert found(api=[replace(API, days=30)]) == []
    [(severity, summary, hint)] = found(api=[replace(API, days=29)])
    assert (severity, hint) == ("warning", "gureum apply")
    assert "ends in 29 days" in summary
    assert [t[0] for t in found(ca_days=3)] == ["warning"]


def test_a_full_disk_is_told_before_services_notice() -> None:
    full = replace(HOST, disks=({**DISK, "free_mb": 900},))
    [(severity, summary, _)] = found(hosts=[full])
    assert (severity, summary) == ("warning", "one has 900 MB free on /")
    assert len(found(hosts=[replace(HOST, disks=({**DISK, "free_inodes": 0},))])) == 1


def test_a_clock_that_is_off_is_worth_a_look() -> None:
    """R-PREP-6: by measured offset, told with the host and what to type."""
    off = replace(HOST, offset=0.4, clock=("one is +0.400 s off 10.0.0.9",), ahead=-0.4)
    assert found(hosts=[off]) == [
        ("warning", "one is +0.400 s off 10.0.0.9", "gureum ssh one chronyc -n sources")
    ]


def test_hosts_whose_clocks_are_apart_are_not_well() -> None:
    """R-PREP-6: each may agree with a time server of its own; they must agree with each other."""
    pair = [replace(HOST, ahead=0.3), replace(HOST, name="two", ahead=-1.2)]
    assert found(hosts=pair) == [("error", "the hosts' clocks are 1.5 s apart", "gureum verify")]
    assert found(hosts=[pair[0], replace(pair[1], ahead=-0.5)]) == []
    silent = HostHealth(name="two", error="does not run")
    assert [summary for _, summary, _ in found(hosts=[pair[0], silent])] == ["two does not run"]


def test_what_is_down_comes_first() -> None:
    severities = [
        t.severity
        for t in troubles(
            default_cloud(),
            **{
                **WELL,
                "hosts": [replace(HOST, memory_used_mb=7900)],
                "vms": {"ERROR": 1},
                "runs": [LastRun(kind="apply", time=0, good=False, outcome="1 failed")],
                "units": [replace(UNIT, good=False, state="inactive (dead)")],
            },
        )
    ]
    assert severities == [Severity.ERROR] + [Severity.WARNING] * 3


def test_what_ceph_complains_of_is_told_once_with_its_evidence() -> None:
    """R-SVC-6: a disk whose unit is told already is not told a second time."""
    down = Complaint("osd.0 of one, a disk of Ceph, is down", False, "one", unit="ceph-osd-sdb")
    full = Complaint("Ceph is full", True, "one", ("ceph", "df"), evidence=("osd.0 is full",))
    ceph = CephHealth(in_short="1 of 2 disks up", complaints=(full, down))
    assert found(ceph=ceph) == [
        ("error", "Ceph is full", "gureum ssh one ceph df"),
        ("warning", down.says, "gureum logs --host one ceph-osd-sdb"),
    ]
    dead = replace(UNIT, service="ceph", name="ceph-osd-sdb", good=False, state="failed (failed)")
    assert [summary for _, summary, _ in found(ceph=ceph, units=[dead])] == [
        "ceph-osd-sdb of one is failed (failed)",
        "Ceph is full",
    ]
