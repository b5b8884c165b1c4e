"""What is wrong with one host, as a value: what, how that is known, and the way out."""

from __future__ import annotations

from dataclasses import dataclass

from gureum.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class Finding:
    """One thing on one host. An error stops what would change hosts, a warning is only said."""

    host: str
    id: str
    summary: str
    evidence: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR

    def diagnostic(self) -> Diagnostic:
        """Return the finding as a diagnostic, which names its host."""
        return Diagnostic(
            f"{self.host}: {self.summary}",
            severity=self.severity,
            detail=self.evidence,
            hint=self.hint,
        )
