"""What of the log is wanted: tells it of whole records, and finds candidates in bytes quickly."""

from __future__ import annotations

import re
from typing import Any

from gureum.remote.log_record import RANKS, Record, rank

REQUEST = re.compile(r"\[(\S+) (req-[0-9a-f-]{8,36})[\] ]")
"""The ids with which a line of a request begins: the caller's, if any, and the request's own."""


class Filter:
    """A wish as plain data, ready to be held against records.

    It may hold `since` and `until` (UNIX times), `units` (names; a name that ends with `*` stands for
    all that begin so), `level` (a rank), `grep` (a regular expression, letters as they are unless it
    has none in capitals), `any` (texts, one of which has to occur).
    """

    def __init__(self, wish: dict[str, Any]) -> None:
        self.since: float | None = wish.get("since")
        self.until: float | None = wish.get("until")
        self.units = frozenset(wish.get("units") or ())
        self.level = int(wish.get("level") or 0)
        self.any = tuple(wish.get("any") or ())
        self.any_of = re.compile("|".join(map(re.escape, self.any))) if self.any else None
        self.grep = compiled(wish["grep"]) if wish.get("grep") else None
        self.candidates = self._candidates(wish.get("grep") or "")

    def takes(self, record: Record) -> bool:
        """Tell whether a record is wanted."""
        return (
            (self.since is None or record["time"] >= self.since)
            and (self.until is None or record["time"] <= self.until)
            and (not self.units or record["unit"] in self.units)
            and (not self.level or rank(record["level"]) >= self.level)
            and (self.any_of is None or self.any_of.search(_all(record)) is not None)
            and (self.grep is None or self.grep.search(record["text"]) is not None)
        )

    def _candidates(self, grep: str) -> re.Pattern[bytes] | None:
        """Return what one line at least of every wanted record matches; None where any might."""
        if self.any:
            return re.compile(b"|".join(re.escape(text.encode()) for text in self.any))
        if grep and grep.isascii() and not re.search(r"\\n|\\s|\^|\$|\\A|\\Z|[.](?=\*)", grep):
            # What looks at line ends may match between the lines of one record, not within one.
            return re.compile(grep.encode(), _flags(grep))
        if self.level > RANKS["INFO"]:
            words = "|".join(w for w, number in RANKS.items() if number >= self.level)
            return re.compile(rf" (?:{words}) |Traceback \(most".encode())
        if self.units:
            names = "|".join(map(re.escape, sorted(self.units)))
            return re.compile(rf"(?m)^\S+ \S+ (?:{names}) ".encode())
        return None


def _all(record: Record) -> str:
    """Return the text, and what stands in the place of a process: of QEMU's lines the VM."""
    return f"{record['process']} {record['text']}"


def compiled(grep: str) -> re.Pattern[str]:
    """Return a regular expression; without capitals in it, capitals and others are the same."""
    return re.compile(grep, _flags(grep))


def _flags(grep: str) -> int:
    return 0 if any(letter.isupper() for letter in grep) else re.IGNORECASE
