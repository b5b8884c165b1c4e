"""Check results as people, programs and CI see them."""

from __future__ import annotations

import json
from xml.etree.ElementTree import fromstring

from gureum.checks.check import CheckResult, Evidence, Status
from gureum.views import checks

RESULTS = (
    CheckResult(
        id="nova.services_up", title="services up", status=Status.PASS, summary="3 up", seconds=0.5
    ),
    CheckResult(
        id="vm.active",
        title="a VM runs",
        status=Status.FAIL,
        summary="the server is ERROR",
        evidence=(
            Evidence(command="console log", host="one", output="\x1b[2Jpanic\x00 <&>", seconds=1.0),
        ),
        hint="gureum openstack server show vm",
        seconds=2.0,
    ),
    CheckResult(id="vm.ssh_by_key", title="ssh", status=Status.SKIP, summary="needs vm.active"),
    CheckResult(
        id="rabbitmq.queues_read", title="queues", status=Status.WARN, summary="one unread"
    ),
)


def test_table_tells_each_check_then_failures_then_counts() -> None:
    """R-VERIFY-1: pass or fail with evidence, nothing to be checked by eye."""
    lines = list(checks.table(RESULTS, {"first VM answers ping": 49.4}))
    assert lines[0] == "pass  services up    0.5 s  3 up"
    assert lines[1].startswith("FAIL  a VM runs")
    assert "FAIL vm.active: the server is ERROR" in lines
    assert "  hint: gureum openstack server show vm" in lines
    assert "    49.4 s  first VM answers ping" in lines
    assert lines[-1] == "1 passed, 1 with a warning, 1 skipped, 1 failed"


def test_document_is_json_with_all_evidence() -> None:
    found = json.loads(json.dumps(checks.document(RESULTS)))
    assert found["passed"] is False
    assert found["checks"][1]["evidence"][0]["host"] == "one"
    assert checks.document(RESULTS[:1])["passed"] is True


def test_junit_is_valid_xml_with_right_counts() -> None:
    """R-VERIFY-1: CI reads it, whatever a console log holds."""
    root = fromstring(checks.junit(RESULTS, "cloud", {"ping": 1.5}))  # noqa: S314
    suite = root[0]
    assert root.tag == "testsuites"
    assert {k: suite.get(k) for k in ("tests", "failures", "skipped", "errors")} == {
        **{"tests": "4", "failures": "1", "skipped": "1", "errors": "0"},
    }
    cases = suite.findall("testcase")
    assert [(c.get("classname"), c.get("name")) for c in cases[:2]] == [
        *(("nova", "services_up"), ("vm", "active")),
    ]
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.get("message") == "the server is ERROR"
    assert "panic" in (failure.text or "")
    assert cases[2].find("skipped") is not None
    assert cases[3].find("failure") is None
    assert [p.get("name") for p in suite.iter("property")] == ["ping"]


def test_no_results_are_no_crash() -> None:
    assert list(checks.table(())) == ["", "no checks"]
    fromstring(checks.junit((), "cloud"))  # noqa: S314
