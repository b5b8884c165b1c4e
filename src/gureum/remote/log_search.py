"""Finds log records in the folders where a controller gathers the logs of all hosts.

Files are read from their ends, since what is wanted is mostly what was said last; those that were
rotated and compressed are read as a stream. What a regular expression finds in bytes is looked at
closely, and nothing else is.
"""

from __future__ import annotations

import glob
import gzip
import os
import time
from collections.abc import Iterator
from typing import Any

from gureum.remote.log_filter import Filter
from gureum.remote.log_record import Assembler, Record

FIRST_BLOCK = 128 * 1024
BLOCK = 4 * 1024 * 1024
AROUND = 64 * 1024
"""Bytes before and after a line in which the other lines of its record are looked for."""
TRACEBACK = 200
"""Lines of a traceback in the journal that are looked for."""
SLACK = 30.0
"""Seconds by which lines of one host may stand out of their order."""
KEPT = ("time", "host", "unit", "process", "level", "text")

Row = list[Any]
"""The values of a record in the order of `KEPT`."""


def search(wish: dict[str, Any]) -> dict[str, Any]:
    """Return the `rows` that a wish (see `log_filter`) wants, the latest of them, oldest first.

    The wish names the `folder`, the `hosts`, the `kinds` (openstack, system) and a `limit` of rows.
    Also returned: the `units` and `hosts` that were met, `more` where the limit left rows out, the
    bytes `read`, and `oldest`, the time of the oldest line that is there at all.
    """
    look = _Look(wish)
    for host in look.hosts():
        for kind in wish["kinds"]:
            look.family(os.path.join(wish["folder"], "hosts", host, f"{kind}.log"))
    return look.answer()


def folders(folder: str) -> list[str]:
    """Return the hosts whose logs are gathered here."""
    return sorted(os.path.basename(path) for path in glob.glob(os.path.join(folder, "hosts", "*")))


class _Look:
    def __init__(self, wish: dict[str, Any]) -> None:
        self.wish = wish
        self.filter = Filter(wish)
        self.limit: int = wish.get("limit") or 0
        self.records: list[Record] = []
        self.units: set[str] = set()
        self.read = 0
        self.cut = False

    def hosts(self) -> list[str]:
        there = folders(self.wish["folder"])
        wanted = self.wish.get("hosts")
        return [name for name in there if not wanted or name in wanted]

    def answer(self) -> dict[str, Any]:
        found = sorted(self.records, key=lambda r: r["time"])
        seen: set[tuple[Any, ...]] = set()
        rows: list[Row] = []
        for record in found:
            # A line that was under way when a connection broke may have been sent twice.
            mark = (record["stamp"], record["host"], record["unit"], record["text"])
            if mark not in seen:
                seen.add(mark)
                rows.append([record[name] for name in KEPT])
        more = self.cut or bool(self.limit and len(rows) > self.limit)
        return {
            "rows": rows[-self.limit :] if self.limit else rows,
            "units": sorted(self.units),
            "hosts": folders(self.wish["folder"]),
            "more": more,
            "read": self.read,
        }

    def family(self, path: str) -> None:
        """Look through a log and what was rotated away of it, from the newest line back."""
        found: list[Record] = []
        for name in _generations(path):
            try:
                if (
                    self.filter.since is not None
                    and os.stat(name).st_mtime < self.filter.since - SLACK
                ):
                    break
                blocks = _stream(name) if name.endswith(".gz") else _backwards(name)
                if not self._file(blocks, found, whole=name.endswith(".gz")):
                    break
            except OSError:
                # It was rotated away while we looked: its lines are in the next one.
                continue
        if self.limit and len(found) > self.limit:
            self.cut = True
            found = sorted(found, key=lambda r: r["time"])[-self.limit :]
        self.records += found

    def _file(self, blocks: Iterator[bytes], found: list[Record], *, whole: bool) -> bool:
        """Add what the blocks of one file hold; tell whether older ones are to be looked at."""
        for block in blocks:
            self.read += len(block)
            records = _records(block, self.filter)
            self.units.update(r["unit"] for r in records)
            found += [record for record in records if self.filter.takes(record)]
            if whole:
                continue
            if self.limit and len(found) >= self.limit:
                return False
            if self.filter.since is not None and _last_time(block) < self.filter.since - SLACK:
                return False
        return not (self.limit and len(found) >= self.limit)


def _generations(path: str) -> list[str]:
    """Return a log and its rotated parts, the newest first."""
    numbered = []
    for name in glob.glob(glob.escape(path) + ".*"):
        number = name[len(path) + 1 :].split(".")[0]
        if number.isdigit():
            numbered.append((int(number), name))
    return [path, *(name for _, name in sorted(numbered))]


def _backwards(path: str) -> Iterator[bytes]:
    """Yield the blocks of a file from its end, each of whole records as far as one can see."""
    with open(path, "rb") as source:
        end = source.seek(0, os.SEEK_END)
        size = FIRST_BLOCK
        while end > 0:
            start = max(0, end - size)
            source.seek(start)
            block = source.read(end - start)
            if start:
                cut = _record_start(block)
                if cut < 0:
                    size *= 2
                    continue
                block, start = block[cut:], start + cut
            yield block
            end, size = start, min(BLOCK, size * 4)


def _record_start(block: bytes) -> int:
    """Return where the first record begins that is certainly whole, -1 where none is."""
    line = block.find(b"\n") + 1
    if not line:
        return -1
    stamp = block[line : line + 20]
    while True:
        following = block.find(b"\n", line) + 1
        if not following or following >= len(block):
            return -1
        here = block[following : following + 32].split(b" ", 1)[0]
        if here[:20] != stamp and b" + " not in block[following : following + 120]:
            return following
        line = following


def _stream(path: str) -> Iterator[bytes]:
    """Yield the blocks of a compressed file from its beginning, each of whole lines."""
    left = b""
    with gzip.open(path, "rb") as source:
        while block := source.read(BLOCK):
            block = left + block
            cut = block.rfind(b"\n") + 1
            left = block[cut:]
            if cut:
                yield block[:cut]
    if left:
        yield left


def _records(block: bytes, wanted: Filter) -> list[Record]:
    """Return the records of a block that may be wanted."""
    made = Assembler()
    if wanted.candidates is None:
        made.add_all(block.decode(errors="replace").splitlines())
        return made.records
    spans: dict[int, int] = {}
    for match in wanted.candidates.finditer(block):
        start = block.rfind(b"\n", 0, match.start()) + 1
        if start not in spans:
            end = block.find(b"\n", match.end())
            spans[start] = len(block) if end < 0 else end
            spans.update(_around(block, start, spans[start]))
    made.add_all(block[start : spans[start]].decode(errors="replace") for start in sorted(spans))
    return made.records


def _around(block: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the other lines of a line's record begin and end."""
    line = block[start:end]
    key = _key(line)
    if key is None:
        return
    here = start
    while here > max(0, start - AROUND):
        before = block.rfind(b"\n", 0, here - 1) + 1
        other = _key(block[before : here - 1])
        if other is not None and other[1:3] == key[1:3]:
            if key[4] != b"+" and (other[0] != key[0] or other[3] != key[3]):
                break
            yield before, here - 1
            key = other
        here = before
    trace = b"Traceback (most recent" in line
    key, here, count = _key(line) or key, end + 1, 0
    while here < min(len(block), end + AROUND):
        after = block.find(b"\n", here)
        after = len(block) if after < 0 else after
        other = _key(block[here:after])
        if other is not None and other[1:3] == key[1:3]:
            count += 1
            # Lines of a traceback in the journal differ in time; where it ends, the assembler tells.
            if other[4] != b"+" and other[0] != key[0] and not (trace and count < TRACEBACK):
                break
            yield here, after
        here = after + 1


def _key(line: bytes) -> list[bytes] | None:
    parts = line.split(b" ", 5)
    return parts[:5] if len(parts) >= 5 else None


def _last_time(block: bytes) -> float:
    from gureum.remote.log_record import seconds

    last = block.rstrip(b"\n").rpartition(b"\n")[2]
    found = seconds(last.split(b" ", 1)[0].decode(errors="replace"))
    return time.time() if found is None else found
