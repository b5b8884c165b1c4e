"""What is wrong with hosts, as one table: a row for each finding, its evidence and a way out below."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from gureum.diagnostics import Severity
from gureum.operate.host_check import Finding, Look, Scene
from gureum.operate.host_check.last import state
from gureum.views.data import Line
from gureum.views.table import columns
from gureum.views.wording import hint

STATES = {"ready": "", "warning": "yellow", "not ready": "red", "unreachable": "red"}


def table(scene: Scene, found: Sequence[Finding]) -> Iterator[Line]:
    """Yield the table of all hosts; those that are well have one row."""
    rows: list[list[str]] = [["host", "state", "what is wrong"]]
    below: list[list[str]] = [[]]
    styles = ["bold"]
    for name, look in scene.looks.items():
        own = [finding for finding in found if finding.host == name]
        word = state(scene, name, found)
        if not own:
            rows.append([name, word, f"nothing: {_described(look)}"])
            below.append([])
            styles.append("")
        for place, finding in enumerate(own):
            warned = "warning: " if finding.severity is Severity.WARNING else ""
            first = [name, word] if place == 0 else ["", ""]
            rows.append([*first, f"{warned}{finding.summary}"])
            below.append(
                [*finding.evidence.splitlines(), *([hint(finding.hint)] if finding.hint else [])]
            )
            styles.append("yellow" if warned else STATES[word])
    indent = " " * (sum(max(len(row[i]) for row in rows) + 2 for i in (0, 1)) + 2)
    for line, more, style in zip(columns(rows), below, styles, strict=True):
        yield line, style
        yield from ((indent + text, "") for text in more)


def verdict(scene: Scene, found: Sequence[Finding], seconds: float) -> Iterator[Line]:
    """Yield the last line: how many hosts are ready, and how long it took to ask."""
    words = [state(scene, name, found) for name in scene.looks]
    ready = sum(word in ("ready", "warning") for word in words)
    style = "bold green" if ready == len(words) else "bold red"
    yield f"{ready} of {len(words)} hosts ready; asked in {seconds:.1f} s", style


def document(scene: Scene, found: Sequence[Finding], seconds: float) -> dict[str, Any]:
    """Return the check as plain data."""
    return {
        "ready": not any(finding.severity is Severity.ERROR for finding in found),
        "seconds": round(seconds, 2),
        "hosts": {
            name: {
                "state": state(scene, name, found),
                "where": look.where,
                "offset_seconds": round(look.offset, 4) if look.answered else None,
                "findings": [
                    {**dataclasses.asdict(f), "severity": f.severity.value}
                    for f in found
                    if f.host == name
                ],
            }
            for name, look in scene.looks.items()
        },
    }


def _described(look: Look) -> str:
    said = look.facts
    if not said:
        return ""
    return (
        f"{said['os']['name']}, {said['cpus']} CPUs, {said['memory_mb'] / 1024:.1f} GB, "
        f"{said['disk_free_mb'].get('/var', 0) / 1024:.0f} GB free, clock {look.offset:+.3f} s"
    )
