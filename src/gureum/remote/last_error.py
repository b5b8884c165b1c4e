"""The last error that a unit wrote to its logs, and when."""

from __future__ import annotations

import calendar
import json
import os
import re
import time
from typing import Any

from gureum.remote.process import run
from gureum.remote.unit_log import COLOURS

READ_BACK = 200_000
"""Bytes of a log's end that are looked at."""
KEPT = 300
LEVEL = re.compile(r"(\b(?:ERROR|CRITICAL|FATAL)\b|\[(?:error|critical|alert|emergency)\])")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d+))?\s?([+-]\d\d:?\d\d|Z)?")
ROTATED = re.compile(r"[Rr]eceived\s+signal: (?:Hangup|SIGHUP)\b")
"""Ceph's daemons tell as an error that logrotate asked them to open their log anew."""
LOGGER = re.compile(r"^\s*[\w.-]+\s+(?:\[[^\]]*\]\s*)?")
"""What OpenStack writes between the level and the message: a module, and ids of the request."""

Found = dict[str, Any]


def of_files(paths: list[str], utc: bool) -> Found | None:
    """Return `time` (UNIX, None where the line has none), `line` and `path` of the latest error.

    Lines that name no zone are in UTC if `utc`, else in the zone of this host.
    """
    found = [one for path in paths if (one := _of_file(path, utc))]
    return max(found, key=lambda one: one["time"] or 0.0, default=None)


def of_text(text: str, utc: bool) -> Found | None:
    """Return `time` and `line` of the last error of a log that says more than its level."""
    for raw in reversed(text.splitlines()):
        line = COLOURS.sub("", raw)
        level = LEVEL.search(line)
        if not level:
            continue
        said = line[level.end() :]
        said = LOGGER.sub("", said, count=1) if level[1].isupper() else said
        if said.strip():
            return {"time": moment(line, utc), "line": said.strip()[:KEPT]}
    return None


def moment(line: str, utc: bool) -> float | None:
    """Return the time at a line's beginning as seconds since the epoch."""
    found = TIME.match(line)
    if not found:
        return None
    day, clock, fraction, zone = found.groups()
    parsed = time.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M:%S")
    part = float(f"0.{fraction}") if fraction else 0.0
    if zone or utc:
        return calendar.timegm(parsed) - _offset(zone or "Z") + part
    return time.mktime(parsed) + part


def of_journal(names: list[str]) -> dict[str, Found]:
    """Return the last error of each unit's journal since boot: its own, and what systemd says of it."""
    command = ("journalctl", "--boot", "--priority=3", "--output=json", "--lines=400", "--quiet")
    done = run((*command, *(f"--unit={name}" for name in names)), timeout=10)
    found: dict[str, Found] = {}
    for line in done.output.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        unit = entry.get("UNIT") or entry.get("_SYSTEMD_UNIT", "")
        said = entry.get("MESSAGE")
        if isinstance(said, str) and not ROTATED.search(said):
            when = int(entry["__REALTIME_TIMESTAMP"]) / 1e6
            last = said.strip().splitlines()[-1:] or [""]
            found[unit] = {"time": when, "line": last[0][:KEPT], "path": "journal"}
    return found


def _of_file(path: str, utc: bool) -> Found | None:
    try:
        with open(path, "rb") as source:
            source.seek(max(0, source.seek(0, os.SEEK_END) - READ_BACK))
            text = source.read().decode(errors="replace")
    except OSError:
        return None
    found = of_text(text, utc)
    return {**found, "path": path} if found else None


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds
