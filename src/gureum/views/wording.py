"""The words in which steps, times and failures are told; every view for people uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gureum.apply.events import RunFinished, Status, StepFinished
from gureum.diagnostics import Diagnostic, Severity
from gureum.errors import DiagnosticsError, GureumError
from gureum.operate.host_check.not_ready import HostsNotReady
from gureum.program import runnable

ORDER = (Status.CHANGED, Status.UNCHANGED, Status.FAILED, Status.SKIPPED, Status.STOPPED)


def seconds(value: float) -> str:
    """Return a time as a person says it: `0.3 s`, `12 s`, `2 min 05 s`."""
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 119.5:
        return f"{value:.0f} s"
    return f"{int(value + 0.5) // 60} min {int(value + 0.5) % 60:02d} s"


def named(key: str, title: str) -> str:
    """Return a step's key with its title, unless the key says the same."""
    return key if not title or title in key else f"{key} ({title})"


def counted(counts: Mapping[Status, int]) -> str:
    """Return the counts of a run: `12 changed, 130 unchanged`."""
    return ", ".join(f"{counts[s]} {s.value}" for s in ORDER if counts.get(s)) or "no steps"


def finished(event: RunFinished) -> str:
    """Return the line that ends a run."""
    if event.stopped:
        return f"stopped after {seconds(event.seconds)}: {counted(event.counts)}"
    if set(event.counts) <= {Status.UNCHANGED}:
        return f"nothing to change: {counted(event.counts)} in {seconds(event.seconds)}"
    return f"{counted(event.counts)} in {seconds(event.seconds)}"


def hint(text: str, indent: str = "") -> str:
    """Return the line that tells a way out; what it says to type works as it stands."""
    return f"{indent}hint: {runnable(text)}"


def failure(event: StepFinished) -> Iterator[str]:
    """Yield the lines that tell a root cause: what failed, what ran, what the logs say, a way out."""
    error = event.error
    yield f"failed: {named(event.key, event.title)} after {seconds(event.seconds)}"
    if error is None:
        return
    yield f"  {error.summary}"
    yield from (f"    {line}" for line in error.detail.splitlines())
    yield from _last_command(event.evidence)
    if error.log_lines:
        yield "  the lines that matter:"
        yield from (f"    {line}" for line in error.log_lines)
    if error.hint:
        yield hint(error.hint, "  ")


def _last_command(evidence: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    commands = [entry for entry in evidence if entry.get("command")]
    if commands:
        last = commands[-1]
        text = " ".join(str(word) for word in last["command"])
        yield f"  ran: {text[:300]}"
        yield f"  exit {last.get('exit')} after {seconds(float(last.get('seconds', 0)))}"


def skipped(ends: Sequence[StepFinished]) -> Iterator[str]:
    """Yield one line for each root cause with the steps that it kept from running."""
    by_cause: dict[str, list[str]] = {}
    for end in ends:
        by_cause.setdefault(end.needs or "", []).append(end.key)
    for cause, keys in by_cause.items():
        names = ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "")
        yield f"skipped: needs {cause}: {names}"


def diagnostic(problem: Diagnostic) -> Iterator[str]:
    """Yield the lines of one diagnostic: its place first, as compilers do."""
    where = f"{problem.source}: " if problem.source else ""
    word = "" if problem.severity is Severity.ERROR else "warning: "
    yield f"{where}{word}{problem.summary}"
    yield from (f"  {line}" for line in problem.detail.splitlines())
    if problem.hint:
        yield hint(problem.hint, "  ")


def error(problem: GureumError) -> Iterator[str]:
    """Yield the lines of an error: summary, detail, every diagnostic, hint."""
    yield f"error: {problem.summary}"
    yield from (f"  {line}" for line in problem.detail.splitlines())
    if isinstance(problem, HostsNotReady):
        from gureum.views.host_check_text import table

        yield from (line for line, _ in table(problem.scene, problem.findings))
    elif isinstance(problem, DiagnosticsError):
        for one in problem.diagnostics:
            yield from (f"  {line}" for line in diagnostic(one))
    if problem.hint:
        yield hint(problem.hint)
