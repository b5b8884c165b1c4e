"""The runs of a cloud, read back from its journal: which steps, when, how they ended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class StepRun:
    """One step in one run. Times are seconds since the epoch; `drift` names what differed."""

    key: str
    status: str
    began: float
    ended: float
    drift: tuple[str, ...] = ()
    error: str = ""
    needs: str = ""

    @property
    def host(self) -> str:
        """The host's name."""
        return self.key.partition("/")[0]

    @property
    def id(self) -> str:
        """The step's id on its host."""
        return self.key.partition("/")[2]

    @property
    def seconds(self) -> float:
        """How long the step took, what it waited for on its host included."""
        return max(0.0, self.ended - self.began)


@dataclass(kw_only=True)
class Run:
    """One apply. `seconds` is None for a run that was cut off before it could say how it ended."""

    id: str
    began: float
    planned: int
    seconds: float | None = None
    stopped: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    steps: list[StepRun] = field(default_factory=list)

    @property
    def changed(self) -> list[StepRun]:
        """The steps that changed something."""
        return [step for step in self.steps if step.status == "changed"]

    @property
    def failed(self) -> list[StepRun]:
        """The steps that failed themselves."""
        return [step for step in self.steps if step.status == "failed"]


def read_runs(journal: Path) -> tuple[Run, ...]:
    """Return every run that the journal and the one before it tell of, oldest first."""
    runs: list[Run] = []
    started: dict[str, float] = {}
    for line in _lines((journal.with_suffix(".old.jsonl"), journal)):
        event, now = line.get("event"), _time(line)
        if event == "begin":
            runs.append(Run(id=str(line.get("run")), began=now, planned=int(line.get("steps", 0))))
            started.clear()
        elif not runs:
            continue
        elif event == "started":
            started[str(line.get("key"))] = now
        elif event == "finished":
            runs[-1].steps.append(_step(line, started.pop(str(line.get("key")), now), now))
        elif event == "end":
            runs[-1].seconds = float(line.get("seconds", 0.0))
            runs[-1].stopped = bool(line.get("stopped"))
            runs[-1].counts = {str(k): int(v) for k, v in line.get("counts", {}).items()}
    return tuple(runs)


def _lines(paths: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    for path in paths:
        if not path.exists():
            continue
        with open(path, errors="replace") as source:
            for text in source:
                try:
                    line = json.loads(text)
                except ValueError:
                    # Half a line, left by a run that was killed.
                    continue
                if isinstance(line, dict) and "time" in line:
                    yield line


def _step(line: Mapping[str, Any], began: float, ended: float) -> StepRun:
    return StepRun(
        key=str(line.get("key")),
        status=str(line.get("status")),
        began=began,
        ended=ended,
        drift=tuple(line.get("drift") or ()),
        error=str(line.get("error") or ""),
        needs=str(line.get("needs") or ""),
    )


def _time(line: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(line["time"]).timestamp()
