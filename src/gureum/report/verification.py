"""The last verification as it was kept beside the journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gureum.checks.check import CheckResult, Evidence, Status
from gureum.state.folder import CloudFolder


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was checked and when; `began` is where the milestones count from, None if not kept."""

    time: float
    seconds: float
    results: tuple[CheckResult, ...]
    proves: Mapping[str, str]
    milestones: Mapping[str, float]
    began: float | None = None

    def count(self, status: Status) -> int:
        """Return how many checks ended so."""
        return sum(result.status is status for result in self.results)


def read_verification(folder: CloudFolder) -> Verification | None:
    """Return the last verification, None where there was none or its file is torn."""
    from gureum.checks import CHECKS

    try:
        kept = json.loads((folder.path / "verify.json").read_text())
        results = tuple(_result(check) for check in kept["checks"])
        return Verification(
            time=float(kept["time"]),
            seconds=float(kept.get("seconds", 0.0)),
            results=results,
            proves={check.id: check.proves for check in CHECKS},
            milestones={str(k): float(v) for k, v in kept.get("milestones", {}).items()},
            began=kept.get("began"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _result(kept: Mapping[str, Any]) -> CheckResult:
    fields = {k: v for k, v in kept.items() if k not in ("status", "evidence")}
    evidence = tuple(Evidence(**one) for one in kept.get("evidence", ()))
    return CheckResult(**fields, status=Status(kept["status"]), evidence=evidence)
