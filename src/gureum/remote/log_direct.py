"""Reads a host's own logs where no controller can be asked: its units' files and its journal.

Lines come in the form that rsyslog gives them (`gureum.services.rsyslog_conf`), so that what is
found here looks like what would have been found there.
"""

from __future__ import annotations

import glob
import json
import os
import re
import time
from typing import Any

from gureum.remote.log_filter import Filter
from gureum.remote.log_record import CONTINUED, Assembler
from gureum.remote.log_search import KEPT
from gureum.remote.process import run

READ_BACK = 8 * 1024 * 1024
"""Bytes of each log's end that are looked at."""
JOURNAL_LINES = 20_000
LEVELS = ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG")
TIME_WIDTH = 32
SHOUTED = {" [Warning] ": "WARNING", " [ERROR] ": "ERR"}
"""How MariaDB says it, which prints; to the journal all that is printed is "info"."""
_BEGINS = re.compile(r"20[0-9-]{8}T")


def search(wish: dict[str, Any], host: str, sources: list[dict[str, str]]) -> dict[str, Any]:
    """Return the `rows` that a wish (see `log_filter`) wants of this host's own logs, oldest first."""
    wanted = Filter(wish)
    made = Assembler()
    for source in sources:
        for path in sorted(glob.glob(source["path"])):
            made.add_all(_file(path, source, host))
    made.add_all(_journal(wish, host))
    found = sorted((r for r in made.records if wanted.takes(r)), key=lambda r: r["time"])
    limit = wish.get("limit") or 0
    return {
        "rows": [[r[name] for name in KEPT] for r in (found[-limit:] if limit else found)],
        "units": sorted({r["unit"] for r in made.records}),
        "more": bool(limit and len(found) > limit),
    }


def _file(path: str, source: dict[str, str], host: str) -> list[str]:
    try:
        with open(path, "rb") as opened:
            start = max(0, opened.seek(0, os.SEEK_END) - READ_BACK)
            opened.seek(start)
            text = opened.read().decode(errors="replace")
        written = os.stat(path).st_mtime
    except OSError:
        return []
    lines: list[str] = []
    stamp = _stamp(written)
    for line in text.split("\n")[1 if start else 0 :]:
        if line:
            lines.append(formed(line, source, host, path, stamp))
            if source["form"] != "machine":
                stamp = lines[-1].split(" ", 1)[0]
    return lines


def formed(line: str, source: dict[str, str], host: str, path: str, stamp: str) -> str:
    """Return a line of a log file in the form of gathered lines; `stamp` is for one without a time."""
    unit, form = source["unit"], source["form"]
    if form == "ovs" and line.count("|") >= 4:
        stamp, _, module, level, text = line.split("|", 4)
        return f"{stamp} {host} {unit} - {level} {module}: {text}"
    if form == "machine":
        name = os.path.basename(path)[: -len(".log")]
        level = "INFO" if line.startswith("20") else CONTINUED
        return f"{stamp} {host} {unit} {name} {level} {line}"
    if form == "common" and _BEGINS.match(line):
        return f"{line[:TIME_WIDTH]} {host} {unit}{line[TIME_WIDTH:]}"
    return f"{stamp} {host} {unit} - {CONTINUED} {line}"


def _journal(wish: dict[str, Any], host: str) -> list[str]:
    command = ["journalctl", "--output=json", "--quiet", "--no-pager", f"--lines={JOURNAL_LINES}"]
    if wish.get("since") is not None:
        command.append(f"--since=@{wish['since']:.0f}")
    if wish.get("until") is not None:
        command.append(f"--until=@{wish['until'] + 1:.0f}")
    lines = []
    for raw in run(command, timeout=30).output.splitlines():
        try:
            entry = json.loads(raw)
        except ValueError:
            continue
        if isinstance(entry, dict) and (line := of_entry(entry, host)):
            lines.append(line)
    return lines


def of_entry(entry: dict[str, Any], host: str) -> str:
    """Return an entry of the journal in the form of gathered lines; empty for what is not gathered."""
    said = entry.get("MESSAGE")
    if isinstance(said, list):
        said = bytes(said).decode(errors="replace")
    if not isinstance(said, str) or said.startswith("ovs|"):
        return ""
    name = str(entry.get("SYSLOG_IDENTIFIER") or "")
    unit = str(entry.get("UNIT") or entry.get("_SYSTEMD_UNIT") or "")
    if not unit or ".scope" in unit:
        unit = name or "-"
    unit = unit.replace(".service", "").replace(" ", "_")
    when = int(entry.get("_SOURCE_REALTIME_TIMESTAMP") or entry["__REALTIME_TIMESTAMP"]) / 1e6
    text = said if name in ("", unit) else f"{name}: {said}"
    level = LEVELS[min(7, int(entry.get("PRIORITY", 6)))]
    if level == "INFO":
        level = next((ours for theirs, ours in SHOUTED.items() if theirs in said), level)
    text = text.replace("\n", "#012")
    return f"{_stamp(when)} {host} {unit} {entry.get('_PID', '-')} {level} {text}"


def _stamp(when: float) -> str:
    whole = int(when)
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    return f"{clock}.{round((when - whole) * 1e6) % 1_000_000:06d}+00:00"
