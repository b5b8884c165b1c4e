"""The journal of a cloud: what every apply did, kept so that the next one can go on.

One JSON object a line, written and flushed as things happen. A run that is killed leaves at worst
half a last line, which readers ignore.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gureum import moment
from gureum.apply.history import History
from gureum.errors import GureumError

ROTATE_AT = 4_000_000
"""Bytes after which a new journal is begun, with what is known of the old one as its first line."""


class Journal:
    """Lines about runs and steps in `path`; all text must be redacted before it comes here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._out: IO[str] | None = None
        self._held = 0
        self._history: History | None = None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the cloud for one apply; may be nested.

        Raises GureumError that names the process which holds it already, and since when.
        """
        if self._held:
            self._held += 1
            try:
                yield
            finally:
                self._held -= 1
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self.path.with_suffix(".lock"), "a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _busy(handle, self.path.parent) from None
            handle.truncate(0)
            handle.write(json.dumps({"pid": os.getpid(), "since": _now()}))
            handle.flush()
            self._held = 1
            try:
                yield
            finally:
                self._held = 0
                self.close()
                handle.truncate(0)

    @property
    def history(self) -> History:
        """What the lines written so far say."""
        if self._history is None:
            self._history = History.read(self.path)
        return self._history

    def durations(self) -> dict[str, float]:
        """Return how long each step took when it last changed something, in seconds."""
        return dict(self.history.durations)

    def owed(self) -> frozenset[str]:
        """Return the steps whose watched step changed in a run that did not come to them."""
        return frozenset(self.history.owed)

    def begin(self, run: str, steps: int) -> None:
        """Write that a run begins."""
        self._rotate()
        self.write("begin", run=run, steps=steps, pid=os.getpid())

    def started(self, key: str, triggers: Collection[str]) -> None:
        """Write, before anything is changed, that a step may change and what it would trigger."""
        self.write("started", key=key, **({"triggers": sorted(triggers)} if triggers else {}))

    def finished(self, key: str, status: str, seconds: float, **details: Any) -> None:
        """Write how a step ended, with its drift, evidence and error."""
        kept = {name: value for name, value in details.items() if value}
        self.write("finished", key=key, status=status, seconds=round(seconds, 3), **kept)

    def end(self, run: str, counts: Mapping[str, int], seconds: float, stopped: bool) -> None:
        """Write that a run ended."""
        self.write("end", run=run, counts=dict(counts), seconds=round(seconds, 3), stopped=stopped)

    def write(self, event: str, **fields: Any) -> None:
        """Append one line."""
        line = {"time": _now(), "event": event, **fields}
        self.history.take(line)
        if self._out is None:
            self._out = self._open()
        self._out.write(json.dumps(line, default=str, separators=(",", ":")) + "\n")
        self._out.flush()

    def close(self) -> None:
        """Close the file; a later write opens it again."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def _open(self) -> IO[str]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        out = os.fdopen(handle, "a")
        if _torn(self.path):
            out.write("\n")
        return out

    def _rotate(self) -> None:
        if not self.path.exists() or self.path.stat().st_size < ROTATE_AT:
            return
        summary = self.history.summary()
        self.close()
        self.path.replace(self.path.with_suffix(".old.jsonl"))
        self.write("summary", **summary)


def _torn(path: Path) -> bool:
    """Return whether the last line lacks its end."""
    with open(path, "rb") as source:
        if source.seek(0, os.SEEK_END) == 0:
            return False
        source.seek(-1, os.SEEK_END)
        return source.read(1) != b"\n"


def _busy(handle: IO[str], folder: Path) -> GureumError:
    handle.seek(0)
    try:
        holder = json.loads(handle.read())
    except ValueError:
        holder = {"pid": "?", "since": "a moment ago"}
    return GureumError(
        f"another run holds this cloud: process {holder['pid']}, since {moment.read(holder['since'])}",
        detail=str(folder),
        hint=f"wait for it, or stop it: kill {holder['pid']}",
    )


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="milliseconds")
