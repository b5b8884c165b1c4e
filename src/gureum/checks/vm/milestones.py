"""When what happened, in seconds since a common beginning."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

REQUESTED = "server requested"
ACTIVE = "server active"
FIRST_PING = "first VM answers ping"
SSH = "first SSH login"


class Milestones:
    """Time stamps by name; the first mark of a name counts. Thread-safe."""

    def __init__(
        self, origin: float | None = None, on_mark: Callable[[str], None] = lambda _: None
    ) -> None:
        self._origin = time.monotonic() if origin is None else origin
        self._on_mark = on_mark
        self._lock = threading.Lock()
        self._marks: dict[str, float] = {}

    def mark(self, name: str) -> None:
        """Note that `name` happened now."""
        with self._lock:
            if name in self._marks:
                return
            self._marks[name] = round(time.monotonic() - self._origin, 3)
        self._on_mark(name)

    def __getitem__(self, name: str) -> float:
        return self._marks[name]

    def __contains__(self, name: str) -> bool:
        return name in self._marks

    def between(self, earlier: str, later: str) -> float:
        """Return the seconds from one mark to another."""
        return round(self._marks[later] - self._marks[earlier], 3)

    def as_dict(self) -> dict[str, float]:
        """Return all marks in the order in which they happened."""
        with self._lock:
            return dict(sorted(self._marks.items(), key=lambda entry: entry[1]))

    def __str__(self) -> str:
        return "\n".join(f"{seconds:8.2f} s  {name}" for name, seconds in self.as_dict().items())
