"""The error that stops a run before anything is changed, with everything that was found."""

from __future__ import annotations

from collections.abc import Sequence

from gureum.errors import InputError
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene


class HostsNotReady(InputError):
    """Hosts that cannot be reached, or that would be hurt or hurt others: all of them at once."""

    def __init__(self, scene: Scene, findings: Sequence[Finding], *, hint: str = "") -> None:
        super().__init__(
            "the hosts are not ready for this cloud; nothing was changed",
            [finding.diagnostic() for finding in findings],
            hint=hint,
        )
        self.scene = scene
        self.findings = tuple(findings)
