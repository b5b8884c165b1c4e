"""The whole report of a made-up cloud: gathered, shown, and written, without a host (R-VERIFY-1)."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from clouds import deployment_of

from gureum.errors import GureumError
from gureum.model.load import default_cloud
from gureum.operate.deployment import Deployment
from gureum.report.cloud_report import CloudReport, gather
from gureum.state.folder import CloudFolder
from gureum.views.report_file import report_json, write_report
from gureum.views.report_page import report_page

HOSTILE = "<img src=x onerror=alert(1)>"
CHECK = {
    "title": "a VM runs", "summary": "ACTIVE", "value": 3.2, "unit": "s", "hint": "", "seconds": 3.2,
}  # fmt: skip


def verified(deployment: Deployment, status: str = "pass", *, time: float = 1_800_000_000) -> None:
    evidence = [{"command": f"look {HOSTILE}", "host": "one", "output": HOSTILE, "seconds": 0.5}]
    checks = [
        {**CHECK, "id": "vm.active", "status": "pass", "evidence": evidence},
        {**CHECK, "id": "nova.services_up", "title": HOSTILE, "status": status, "evidence": []},
    ]
    kept = {
        "time": time,
        "seconds": 20.0,
        "began": time - 60,
        "milestones": {"server active": 40.0},
    }
    path = deployment.folder.path / "verify.json"
    path.write_text(json.dumps({**kept, "checks": checks}))


def applied(deployment: Deployment, *, began: str = "2027-01-15T07:00:00+00:00") -> None:
    """Write a journal in which every step changed something."""
    from gureum.operate.known import known

    steps = known(deployment).blueprint.steps
    line = {"time": began, "key": "", "event": "begin", "run": "r", "steps": len(steps)}
    lines = [line]
    for number, step in enumerate(steps):
        times = [began.replace("00+00", f"{s:02}.000+00") for s in (number % 30, number % 30 + 3)]
        lines += [
            {"time": times[0], "event": "started", "key": step.key},
            {"time": times[1], "event": "finished", "key": step.key, "status": "changed"},
        ]
    lines.append({**line, "event": "end", "counts": {"changed": len(steps)}, "seconds": 33.0})
    deployment.folder.journal.write_text("".join(json.dumps(one) + "\n" for one in lines))


@pytest.fixture
def three(tmp_path: Path) -> Deployment:
    deployment = deployment_of(3, tmp_path)
    verified(deployment)
    applied(deployment)
    return deployment


def words(source: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<(style|script)>.*?</\1>|<[^>]+>", " ", source, flags=re.S))


def test_the_page_tells_everything_and_runs_nothing(three: Deployment) -> None:
    found = gather(three, offline=True)
    source = report_page(found)
    said = words(source)
    for host in three.cloud.hosts:
        assert host in said
    assert "vm.active" in said
    assert "nova.services_up" in said
    assert "This cloud works" in said
    assert "how it is" not in said
    assert "[DEFAULT] cpu_allocation_ratio" in said or "[DEFAULT] transport_url" in said
    elements: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
            elements.append((name, dict(attrs)))

    Reader().feed(source)
    assert "img" not in {name for name, _ in elements}
    assert sum(name == "script" for name, _ in elements) == 1
    assert not [a for _, attrs in elements for a in attrs if a.startswith("on")]
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_no_secret_is_in_the_page_or_in_the_data(three: Deployment) -> None:
    found = gather(three, offline=True)
    secrets = [c.secrets for c in _contexts(three)]
    kept = [v for s in secrets for v in s._values.values()]
    assert len(kept) > 5
    keys = three.folder.ca_key.read_text().splitlines()[1:-1]
    for path in three.folder.certificates.iterdir():
        keys += path.read_text().partition("PRIVATE KEY-----")[2].splitlines()[1:-1]
    for text in (report_page(found), report_json(found, str)):
        assert not [value for value in [*kept, *keys] if value in text]
    assert '"type": "report"' in report_json(found, str)


def _contexts(deployment: Deployment) -> list[object]:
    from gureum.operate.known import known

    return list(known(deployment).blueprint.contexts.values())


@pytest.mark.parametrize(
    ("status", "began", "verdict"),
    [
        ("pass", "2027-01-15T07:00:00+00:00", "This cloud works"),
        ("warn", "2027-01-15T07:00:00+00:00", "This cloud works"),
        ("fail", "2027-01-15T07:00:00+00:00", "It does not work as it should"),
        ("pass", "2027-01-15T09:00:00+00:00", "It worked when it was last verified"),
    ],
)
def test_the_first_sentence_says_how_it_is(
    tmp_path: Path, status: str, began: str, verdict: str
) -> None:
    deployment = deployment_of(1, tmp_path)
    verified(deployment, status)
    applied(deployment, began=began)
    assert verdict in words(report_page(gather(deployment, offline=True)))


def test_a_cloud_without_a_verification_or_a_journal_is_told_so(tmp_path: Path) -> None:
    found = gather(deployment_of(1, tmp_path), offline=True)
    said = words(report_page(found))
    assert "Nothing proves yet that it works" in said
    assert "the cloud was never verified" in said
    assert "The journal tells of no run" in said
    (tmp_path / "clouds/cloud/verify.json").write_text('{"checks": [{')
    assert gather(deployment_of(1, tmp_path), offline=True).verification is None


def test_hosts_that_share_a_file_are_told_together(three: Deployment) -> None:
    found = gather(three, offline=True)
    computes = tuple(n for n in three.cloud.hosts if n.startswith("compute"))
    shared = [file for file in found.files if file.hosts == computes]
    assert shared, "compute hosts have files alike"
    assert all(option.why for file in found.files for option in file.options)
    hidden = [o for f in found.files for o in f.options if o.value is None]
    assert hidden, "connections with passwords are there, without their values"


def test_a_report_on_one_host_keeps_the_picture_whole(three: Deployment) -> None:
    """R-OPS-1: units and files of that host; the cloud it belongs to, its checks and its API stay."""
    last = list(three.cloud.hosts)[-1]
    whole, found = gather(three, offline=True), gather(three, [last], offline=True)
    assert {host for unit in found.units for host in unit.hosts} == {last}
    assert len(found.units) < len(whole.units)
    assert (found.topology, found.doors) == (whole.topology, whole.doors)
    assert found.versions.openstack == whole.versions.openstack
    assert f"are told of {last} alone" in words(report_page(found))


def test_there_is_no_report_of_nothing(tmp_path: Path) -> None:
    deployment = Deployment(default_cloud("none"), CloudFolder("none", tmp_path))
    with pytest.raises(GureumError, match="there is no cloud 'none' yet") as caught:
        gather(deployment)
    assert caught.value.hint == "gureum up --cloud none"
    assert not deployment.folder.exists, "asking makes nothing"


def test_facts_of_fewer_hosts_are_no_picture(tmp_path: Path) -> None:
    three = deployment_of(3, tmp_path)
    kept = json.loads(three.folder.facts.read_text())
    kept["hosts"].popitem()
    three.folder.facts.write_text(json.dumps(kept))
    with pytest.raises(GureumError, match="nobody has looked at all hosts") as caught:
        gather(three)
    assert caught.value.hint == "gureum plan"


def _report(three: Deployment) -> CloudReport:
    return gather(three, offline=True)


def test_the_file_is_the_operators_alone_and_comes_whole(three: Deployment, tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    path.write_text("old")
    path.chmod(0o644)
    said = write_report(_report(three), path, str)
    assert said.startswith(f"{path}  ")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().startswith("<!DOCTYPE html>")
    assert not list(tmp_path.glob(".gureum-report-*"))


@pytest.mark.parametrize("where", ["none/out.html", ""])
def test_a_place_that_cannot_be_written_is_named(
    three: Deployment, tmp_path: Path, where: str
) -> None:
    with pytest.raises(GureumError) as caught:
        write_report(_report(three), tmp_path / where, str)
    assert str(tmp_path) in caught.value.summary
    assert "gureum report --out" in caught.value.hint
