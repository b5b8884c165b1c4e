"""When a cloud was last applied and verified, and how that ended, by what its folder keeps."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from gureum.apply.history import History
from gureum.operate.health import LastRun
from gureum.state.folder import CloudFolder


def last_runs(folder: CloudFolder) -> tuple[LastRun, ...]:
    """Return the last apply and the last verification, where there were any."""
    found = [*_apply(History.read(folder.journal).run)]
    with contextlib.suppress(OSError, ValueError, KeyError):
        found += _verify(json.loads((folder.path / "verify.json").read_text()))
    return tuple(found)


def _apply(line: Mapping[str, Any]) -> Iterator[LastRun]:
    if not line:
        return
    when = datetime.fromisoformat(line["time"]).timestamp()
    if line["event"] == "begin":
        yield LastRun(kind="apply", time=when, good=False, outcome="has not ended")
        return
    counts = line.get("counts", {})
    words = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    stopped = "stopped: " if line.get("stopped") else ""
    good = not stopped and not counts.get("failed")
    outcome = f"{stopped}{words or 'no steps'} in {line.get('seconds', 0):.0f} s"
    yield LastRun(kind="apply", time=when, good=good, outcome=outcome)


def _verify(report: Mapping[str, Any]) -> Iterator[LastRun]:
    checks = report["checks"]
    failed = [check["title"] for check in checks if check["status"] == "fail"]
    words = f"failed: {', '.join(failed)}" if failed else f"all of {len(checks)} checks passed"
    warned = sum(check["status"] == "warn" for check in checks)
    if warned and not failed:
        words = f"{len(checks)} checks, {warned} with a warning"
    outcome = f"{words} in {report.get('seconds', 0):.0f} s"
    yield LastRun(kind="verify", time=float(report["time"]), good=not failed, outcome=outcome)
