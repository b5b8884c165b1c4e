"""What a journal's lines add up to: how long steps take, and what an unfinished run still owes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class History:
    """Durations by key, owed keys, and how each step last ended; grows line by line."""

    durations: dict[str, float] = field(default_factory=dict)
    owed: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> History:
        """Return the history of a journal; a line that is torn or foreign is passed over."""
        history = cls()
        if path.exists():
            with open(path, errors="replace") as source:
                for line in source:
                    try:
                        parsed = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(parsed, dict):
                        history.take(parsed)
        return history

    def take(self, line: Mapping[str, Any]) -> None:
        """Add one line."""
        event, key = line.get("event"), line.get("key", "")
        if event == "started":
            self.running[key] = line.get("time", "")
            # A trigger is noted before the change: a run killed in between must not forget it.
            self.owed.update(dict.fromkeys(line.get("triggers", ()), key))
        elif event == "finished":
            self._finished(key, line)
        elif event in ("begin", "end"):
            self.run = line
            self.running.clear()
        elif event == "summary":
            self.durations.update(line.get("durations", {}))
            self.owed.update(line.get("owed", {}))
            self.last.update(line.get("last", {}))

    def _finished(self, key: str, line: Mapping[str, Any]) -> None:
        self.running.pop(key, None)
        status = line.get("status", "")
        self.last[key] = status
        if status in ("changed", "unchanged"):
            self.owed.pop(key, None)
        if status == "changed":
            self.durations[key] = float(line.get("seconds", 0.0))

    def summary(self) -> dict[str, Any]:
        """Return what a new journal has to know of the old one."""
        return {"durations": self.durations, "owed": self.owed, "last": self.last}
