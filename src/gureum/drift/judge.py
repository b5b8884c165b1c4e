"""Judges one file of one host: what differs from the intent, and whose deed it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gureum.config.parse import ReadFile, read_file
from gureum.diagnostics import Diagnostic
from gureum.drift.intent import WantedFile
from gureum.drift.memory import Memory
from gureum.drift.options import Comparison, OptionDrift
from gureum.drift.origin import Origin, origin
from gureum.drift.who import Traces
from gureum.plan.difference import mask, unified


@dataclass(frozen=True)
class Reader:
    """A unit that reads a drifted file; `knows` tells whether it started after the edit."""

    unit: str
    started: float
    knows: bool


@dataclass(frozen=True)
class FileDrift:
    """A file that is not as it is wanted. Holds no secret.

    `what` names what differs: `text`, `owner`, `group`, `mode`, `missing`, or `kind` for what is no
    file. `form_only` marks a config file whose options are all right, and only comments, order or
    blank lines differ. Times are UNIX times of the host's clock; `written` is when gureum last
    wrote it.
    """

    host: str
    path: str
    name: str
    key: str
    origin: Origin
    what: tuple[str, ...]
    options: tuple[OptionDrift, ...] = ()
    broken: tuple[Diagnostic, ...] = ()
    ownership: Mapping[str, tuple[str, str]] | None = None
    diff: str = ""
    form_only: bool = False
    hidden: bool = False
    modified: float | None = None
    moment: float | None = None
    written: float | None = None
    why: str = ""
    traces: Traces | None = None
    readers: tuple[Reader, ...] = ()
    sha256: str = ""
    wanted_sha256: str = ""


def judge_file(
    wanted: WantedFile,
    reading: Mapping[str, Any],
    memory: Memory,
    redact: Callable[[str], str],
) -> FileDrift | None:
    """Return how a file differs from what it is to be, or None where it is in order.

    A hand edit that was adopted is in order as it stands, for its options are the wanted ones.
    """
    known = memory.of(wanted.host, wanted.path)
    last = known.as_found(reading.get("sha256", ""))
    base = FileDrift(
        host=wanted.host,
        path=wanted.path,
        name=wanted.name,
        key=wanted.step.key,
        origin=Origin.UNKNOWN,
        what=(),
        hidden=wanted.state.hidden,
        modified=reading.get("modified"),
        moment=reading.get("moment"),
        written=last.time if last else None,
        why=wanted.step.why,
        sha256=reading.get("sha256", ""),
        wanted_sha256=wanted.sha256,
    )
    if not reading["exists"]:
        whose = Origin.HAND if last else Origin.UNKNOWN
        return replace(base, what=("missing",), origin=whose)
    ownership = _ownership(wanted, reading)
    adopted = known.adopted == (reading["sha256"], wanted.sha256)
    same_text = reading["sha256"] == wanted.sha256 or adopted
    if same_text and not ownership:
        return None
    base = replace(base, what=tuple(ownership), ownership=ownership or None)
    if same_text:
        found = str((reading["owner"], reading["group"], reading["mode"]))
        ours = str(last.ownership) if last else None
        return replace(base, origin=origin(found, str(wanted.ownership), ours))
    last_sha = last.sha256 if last else None
    earlier = known.earlier if last_sha != reading["sha256"] else ()
    whose = origin(reading["sha256"], wanted.sha256, last_sha, earlier)
    base = replace(base, origin=whose)
    if "content" not in reading:
        kind = reading["sha256"]
        what = kind if kind in ("a link", "not a file") else "too large to compare"
        return replace(base, what=("kind", *ownership), diff=_kind(what, reading))
    return _text(replace(base, what=("text", *ownership)), wanted, reading, memory, redact)


def _text(
    base: FileDrift,
    wanted: WantedFile,
    reading: Mapping[str, Any],
    memory: Memory,
    redact: Callable[[str], str],
) -> FileDrift:
    if wanted.state.hidden:
        return base
    text = reading["content"].decode(errors="replace")
    diff = unified(wanted.path, text, wanted.state.content, redact)
    if wanted.file is None:
        windows = _windows(wanted, text)
        return replace(base, diff=diff, broken=windows)
    found = read_file(text, wanted.file, wanted.schema)
    last = memory.of(wanted.host, wanted.path).as_found(reading["sha256"])
    whose = base.origin if base.origin in (Origin.EARLIER, Origin.UNKNOWN) else None
    options = tuple(
        replace(one, origin=whose) if whose else one
        for one in Comparison(wanted, found, last, memory, redact).options()
    )
    broken = tuple(_shown(one, redact) for one in found.found)
    form_only = not options and not broken
    return replace(base, options=options, broken=broken, form_only=form_only, diff=diff)


def _windows(wanted: WantedFile, text: str) -> tuple[Diagnostic, ...]:
    if "\r\n" not in text or "\r\n" in wanted.state.content:
        return ()
    found = ReadFile(wanted.path)
    lines = text.split("\n")
    first = next(n for n, line in enumerate(lines, 1) if line.endswith("\r"))
    count = sum(line.endswith("\r") for line in lines)
    found.report(first, f"{wanted.path} has Windows line ends ({count} lines)", hint="")
    return tuple(found.found)


def _ownership(wanted: WantedFile, reading: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    state = wanted.state
    pairs = {
        "owner": (state.owner, reading["owner"]),
        "group": (state.group, reading["group"]),
        "mode": (f"{state.mode:04o}", f"{reading['mode']:04o}"),
    }
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _shown(problem: Diagnostic, redact: Callable[[str], str]) -> Diagnostic:
    """Return a problem of a line without its hint: not the file is to be mended, but its source."""
    return Diagnostic(mask(redact(problem.summary)), problem.severity, source=problem.source)


def _kind(what: str, reading: Mapping[str, Any]) -> str:
    target = reading.get("target")
    return f"{what} to {target}" if target else what
