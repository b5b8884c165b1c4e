"""When a cloud was last applied and verified, and how that ended."""

from __future__ import annotations

import json
import time
from pathlib import Path

from gureum.apply.journal import Journal
from gureum.operate.last_runs import last_runs
from gureum.state.folder import CloudFolder


def test_a_new_cloud_has_no_runs(tmp_path: Path) -> None:
    assert last_runs(CloudFolder("c", tmp_path)) == ()


def test_an_apply_that_was_killed_has_not_ended(tmp_path: Path) -> None:
    folder = CloudFolder("c", tmp_path).make()
    journal = Journal(folder.journal)
    journal.begin("r", 3)
    journal.close()
    [run] = last_runs(folder)
    assert (run.kind, run.good, run.outcome) == ("apply", False, "has not ended")
    assert abs(run.time - time.time()) < 5


def test_an_apply_ends_with_its_counts(tmp_path: Path) -> None:
    folder = CloudFolder("c", tmp_path).make()
    journal = Journal(folder.journal)
    journal.end("r", {"changed": 3, "failed": 0}, 12.3, False)
    assert [(r.good, r.outcome) for r in last_runs(folder)] == [(True, "3 changed in 12 s")]
    journal.end("r", {"changed": 3, "failed": 1}, 12.3, True)
    journal.close()
    [run] = last_runs(folder)
    assert (run.good, run.outcome) == (False, "stopped: 3 changed, 1 failed in 12 s")


def test_a_verification_names_what_failed(tmp_path: Path) -> None:
    folder = CloudFolder("c", tmp_path).make()
    checks = [{"title": "units run", "status": "pass"}, {"title": "VM boots", "status": "fail"}]
    report = {"time": 7.0, "seconds": 30, "checks": checks}
    folder.write(folder.path / "verify.json", json.dumps(report))
    [run] = last_runs(folder)
    assert (run.kind, run.time, run.good, run.outcome) == (
        "verify", 7.0, False, "failed: VM boots in 30 s",
    )  # fmt: skip
    (folder.path / "verify.json").write_text("{half")
    assert last_runs(folder) == ()
