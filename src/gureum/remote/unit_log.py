"""Finds the lines of a unit's logs that tell why it failed."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass

from gureum.remote.process import run

KEPT = 25
READ_BACK = 400_000
LOUD = re.compile(
    r"\b(ERROR|CRITICAL|FATAL|Traceback|panic|failed|refused|denied)\b|\berror:"
    r"|\[(error|critical|alert|emergency)\]"
)
"""The words of OpenStack, Python, the kernel and C programs; in brackets those of RabbitMQ."""
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""RabbitMQ colours its log file as if it were a terminal."""
QUIET = re.compile(r"systemd\[1\]: (Started|Starting|Stopping|Stopped|.*Consumed)")


@dataclass(frozen=True)
class Marks:
    """Where a unit's log files ended, and the time, before it was started."""

    since: float
    offsets: tuple[tuple[str, int], ...]

    @classmethod
    def now(cls, files: list[str]) -> Marks:
        """Mark the present end of every file."""
        return cls(time.time(), tuple((path, _size(path)) for path in files))


def lines_that_matter(name: str, marks: Marks) -> list[str]:
    """Return the end of the last error or traceback of each log since `marks`, oldest first."""
    lines: list[str] = []
    for path, offset in marks.offsets:
        found = worst(_text_since(path, offset).splitlines())
        lines += [f"{path}:", *found] if found else []
    journal = run(
        (
            "journalctl",
            f"--unit={name}",
            f"--since=@{marks.since - 1:.0f}",
            "--output=cat",
            "--lines=200",
            "--no-pager",
            "--quiet",
        )
    )
    entries = [line for line in journal.output.splitlines() if not QUIET.search(line)]
    found = worst(entries) or entries[-8:]
    known = set(lines)
    new = [line for line in found if line not in known]
    return [*lines, *(["journal:", *new] if new else [])][-2 * KEPT :]


def worst(lines: list[str]) -> list[str]:
    """Return the last block of lines that is loud: from its first loud line, or its traceback."""
    last = max((i for i, line in enumerate(lines) if LOUD.search(line)), default=None)
    if last is None:
        return []
    tracebacks = [i for i, line in enumerate(lines) if "Traceback (most recent" in line]
    first = last
    if tracebacks and last - tracebacks[-1] < 80:
        first = max(0, tracebacks[-1] - 1)
    else:
        # OpenStack says ERROR on every line of a traceback, and its last line is often empty.
        while first and last - first < KEPT and LOUD.search(lines[first - 1]):
            first -= 1
    after = 40 if tracebacks and last == tracebacks[-1] else 8
    block = lines[first : last + after]
    if len(block) > KEPT:
        block = [*block[:2], "…", *block[-(KEPT - 3) :]]
    return [COLOURS.sub("", line)[:400] for line in block]


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _text_since(path: str, offset: int) -> str:
    try:
        with open(path, "rb") as source:
            end = source.seek(0, os.SEEK_END)
            # A log that is shorter than it was has been rotated: all of it is new.
            source.seek(max(offset if offset <= end else 0, end - READ_BACK))
            return source.read().decode(errors="replace")
    except OSError:
        return ""
