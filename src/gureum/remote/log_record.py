"""Gathered log lines, put together to records: a traceback is one record, whoever wrote in between.

A line is `TIME HOST UNIT PROCESS LEVEL TEXT` (see `gureum.services.rsyslog_conf`). Lines of one unit
and process with one and the same time are one record; so are a line of level `+` and the one before
it of its unit, and the lines of a traceback that a dying program wrote to the journal.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable
from typing import Any

CONTINUED = "+"
RANKS = {
    "DEBUG": 10, "DBG": 10, "TRACE": 5, "INFO": 20, "AUDIT": 20, "NOTICE": 25, "WARNING": 30, "WARN": 30,
    "ERROR": 40, "ERR": 40, "CRITICAL": 50, "CRIT": 50, "ALERT": 50, "EMERG": 50, "EMER": 50, "OFF": 50,
}  # fmt: skip
"""How loud each level is, in the words of all programs: OpenStack's, syslog's, Open vSwitch's."""
WORDS = {
    5: "DEBUG",
    10: "DEBUG",
    20: "INFO",
    25: "NOTICE",
    30: "WARNING",
    40: "ERROR",
    50: "CRITICAL",
}
UNRANKED = 20
LONGEST_DELAY = 60.0
"""Seconds after which a line that was read without a time is none of the record before it."""
LONGEST_PAUSE = 2.0
"""Seconds that lines of one traceback in the journal lie apart at most."""
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$")
_NAMED = re.compile(r"^\S+: ")
_INSTANCE = re.compile(r"^\[instance: [^\]]*\] ?")
_TRACEBACK = "Traceback (most recent"
_CHAINED = ("During handling of", "The above exception", _TRACEBACK)

Record = dict[str, Any]
"""time (UNIX), host, unit, process, level, text (with its further lines)."""


def seconds(stamp: str) -> float | None:
    """Return a time as in gathered lines as seconds since the epoch, None for anything else."""
    found = _STAMP.match(stamp)
    if not found:
        return None
    try:
        whole = calendar.timegm(time.strptime(found[1], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        return None
    zone, offset = found[3] or "Z", 0
    if zone != "Z":
        digits = zone[1:].replace(":", "")
        offset = int(digits[:2]) * 3600 + int(digits[2:]) * 60
        offset = -offset if zone[0] == "-" else offset
    return whole - offset + (float(f"0.{found[2]}") if found[2] else 0.0)


class Assembler:
    """Makes records of lines, in the order of their first lines."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._last: dict[tuple[str, str], Record] = {}
        self._open: dict[tuple[str, str, str], Record] = {}
        self._stamp = ("", None)  # type: tuple[str, float | None]

    def add_all(self, lines: Iterable[str]) -> None:
        """Take in lines in the order in which they stand in their file."""
        for line in lines:
            self.add(line)

    def add(self, line: str) -> None:
        """Take in one line; what is no gathered line is left out."""
        parts = line.split(" ", 5)
        if len(parts) < 5:
            return
        stamp, host, unit, process, level = parts[:5]
        text = parts[5] if len(parts) > 5 else ""
        if stamp != self._stamp[0]:
            self._stamp = (stamp, seconds(stamp))
        when = self._stamp[1]
        if when is None:
            return
        last = self._last.get((host, unit))
        if level == CONTINUED:
            if process != "-":
                last = self._last.get((host, f"{unit} {process}"))
            # Its time is when it was read: one that was read much later began with nothing.
            if last is not None and (when - last["time"] < LONGEST_DELAY or process != "-"):
                last["text"] += "\n" + text
                return
            level = "INFO"
        elif last is not None and last["stamp"] == stamp and last["process"] == process:
            last["text"] += "\n" + _bare(text, last["text"])
            last["level"] = max(level, last["level"], key=rank)
            return
        elif self._joined(host, unit, process, when, text):
            return
        record = {
            "time": when, "stamp": stamp, "host": host, "unit": unit, "process": process,
            "level": level, "text": text.replace("#012", "\n") if "#012" in text else text,
            "ended": False,
        }  # fmt: skip
        self.records.append(record)
        self._last[host, unit] = self._last[host, f"{unit} {process}"] = record
        if _NAMED.sub("", text).startswith(_TRACEBACK):
            self._open[host, unit, process] = record

    def _joined(self, host: str, unit: str, process: str, when: float, text: str) -> bool:
        """Add a line to the traceback that its process is writing, and tell whether there is one."""
        trace = self._open.get((host, unit, process))
        if trace is None:
            return False
        said = _NAMED.sub("", text) if _NAMED.match(trace["text"]) else text
        goes_on = not said.strip() or said.startswith(_CHAINED)
        if not 0 <= when - trace["time"] < LONGEST_PAUSE or (trace["ended"] and not goes_on):
            del self._open[host, unit, process]
            return False
        trace["text"] += "\n" + said
        trace["level"] = max("ERROR", trace["level"], key=rank)
        # The line that names the exception ends it, unless that came of another one.
        trace["ended"] = not goes_on and not said[:1].isspace()
        return True


def rank(level: str) -> int:
    """Return how loud a level is, 0 to 50."""
    return RANKS.get(level.upper(), UNRANKED)


def word(level: str) -> str:
    """Return a level in OpenStack's words."""
    return WORDS[rank(level)]


def _bare(text: str, first: str) -> str:
    """Return a further line without the module and the VM that its record's first line named."""
    module = first.split(" ", 1)[0]
    if module and text.startswith(module + " "):
        return _INSTANCE.sub("", text[len(module) + 1 :])
    return text
