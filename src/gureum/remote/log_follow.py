"""Waits for new log records in the folders where a controller gathers the logs of all hosts."""

from __future__ import annotations

import os
import time
from typing import Any

from gureum.remote.log_filter import Filter
from gureum.remote.log_record import Assembler
from gureum.remote.log_search import KEPT, folders

PAUSE = 0.15
SETTLES = 0.25
"""Seconds that new lines are waited for after the first, so that those of all hosts can be sorted."""
MOST = 4 * 1024 * 1024

Places = dict[str, tuple[int, int]]
"""Where each log was read to: path -> inode and offset."""


def follow(wish: dict[str, Any], places: Places | None, wait: float) -> dict[str, Any]:
    """Return the `rows` written since `places`, and the new `places`, after `wait` seconds at most.

    Without `places` it returns at once, with the ends of all logs.
    """
    if places is None:
        return {"rows": [], "places": {path: _end(path) for path in _paths(wish)}}
    until = time.monotonic() + wait
    wanted = Filter(wish)
    made = Assembler()
    first: float | None = None
    while True:
        for path in _paths(wish):
            lines, places[path] = _new(path, places.get(path, (0, 0)))
            made.add_all(lines)
        now = time.monotonic()
        if made.records and first is None:
            first = now
        if now >= until or (first is not None and now - first >= SETTLES):
            break
        time.sleep(PAUSE)
    records = sorted((r for r in made.records if wanted.takes(r)), key=lambda r: r["time"])
    return {"rows": [[record[name] for name in KEPT] for record in records], "places": places}


def _paths(wish: dict[str, Any]) -> list[str]:
    hosts = [h for h in folders(wish["folder"]) if not wish.get("hosts") or h in wish["hosts"]]
    return [
        os.path.join(wish["folder"], "hosts", host, f"{kind}.log")
        for host in hosts
        for kind in wish["kinds"]
    ]


def _end(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_ino, found.st_size


def _new(path: str, place: tuple[int, int]) -> tuple[list[str], tuple[int, int]]:
    """Return the whole lines after `place`, those included that were rotated away since."""
    node, offset = place
    try:
        here = os.stat(path)
    except OSError:
        return [], place
    if here.st_ino == node:
        lines, offset = _read(path, offset)
        return lines, (node, offset)
    before: list[str] = []
    rotated = f"{path}.1"
    if node and _end(rotated)[0] == node:
        before, _ = _read(rotated, offset)
    lines, offset = _read(path, 0)
    return [*before, *lines], (here.st_ino, offset)


def _read(path: str, offset: int) -> tuple[list[str], int]:
    try:
        with open(path, "rb") as source:
            source.seek(offset)
            block = source.read(MOST)
    except OSError:
        return [], offset
    cut = block.rfind(b"\n") + 1
    return block[:cut].decode(errors="replace").splitlines(), offset + cut
