"""Shows how far a download or an upload is: a bar on a terminal, lines in a pipe, JSON for programs."""

from __future__ import annotations

import json as json_format
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from gureum.images.progress import Progress

STEP = 10
"""Percent after which a line tells again how far it is."""
_AT_LEAST = 5.0
"""Seconds between two lines, for what is quick."""


class ProgressView(Protocol):
    """Shows what is done and how far it is."""

    def say(self, text: str) -> None:
        """Show a line about what is done."""

    def tell(self, progress: Progress) -> None:
        """Show how far it is."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def choose(json: bool) -> ProgressView:
    """Return what fits where the output goes."""
    if json:
        return _Json()
    if sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        return _Bar()
    return _Lines()


class _Bar:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as Bars

        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr, highlight=False),
            transient=True,
        )
        self._tasks: dict[str, Any] = {}
        self._bars.start()

    def say(self, text: str) -> None:
        self._bars.console.print(text, markup=False, soft_wrap=True)

    def tell(self, progress: Progress) -> None:
        task = self._tasks.get(progress.activity)
        if task is None:
            task = self._bars.add_task(progress.activity, total=progress.size or None)
            self._tasks[progress.activity] = task
        self._bars.update(task, completed=progress.done, total=progress.size or None)

    def close(self) -> None:
        self._bars.stop()


class _Lines:
    def __init__(self) -> None:
        self._told: dict[str, tuple[int, float]] = {}

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def tell(self, progress: Progress) -> None:
        share = 100 * progress.done // progress.size if progress.size else 0
        before, when = self._told.get(progress.activity, (-STEP, 0.0))
        now = time.monotonic()
        done = share == 100 and before != 100
        if not done and (share < before + STEP or now < when + _AT_LEAST):
            return
        self._told[progress.activity] = (share, now)
        of = f" of {megabytes(progress.size)}, {share} %" if progress.size else ""
        there = f" ({megabytes(progress.resumed)} were here)" if progress.resumed else ""
        self.say(f"{progress.activity}: {megabytes(progress.done)}{of}{there}")

    def close(self) -> None:
        pass


class _Json:
    def __init__(self) -> None:
        self._last = 0.0

    def say(self, text: str) -> None:
        self._write({"type": "message", "text": text})

    def tell(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.done != progress.size and now < self._last + 1:
            return
        self._last = now
        fields = {"activity": progress.activity, "done": progress.done, "size": progress.size}
        self._write({"type": "progress", **fields, "resumed": progress.resumed})

    def close(self) -> None:
        pass

    @staticmethod
    def _write(fields: dict[str, Any]) -> None:
        print(json_format.dumps(fields, ensure_ascii=False), flush=True)


def megabytes(size: int) -> str:
    """Return a size as a person says it: `21.9 MB`, `2.1 GB`."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
