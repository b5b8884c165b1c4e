"""The order of steps: who needs whom, checked before anything runs."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping, Sequence, Set
from functools import cached_property

from gureum.diagnostics import did_you_mean
from gureum.errors import InternalError
from gureum.steps.states import FileWritten, UnitActive
from gureum.steps.step import Step

EXPECTED_SECONDS = {
    "packages": 25.0,
    "venv": 30.0,
    "unit": 4.0,
    "command": 3.0,
    "http": 2.0,
    "schema": 6.0,
    "identity": 5.0,
    "databases": 0.5,
}
"""How long a kind of state takes where no earlier run tells."""


class Graph:
    """Steps by key with their edges. Raises InternalError that names every fault of the graph.

    A step comes after its `needs` and its `watches`; a unit also after every file of its host that
    it reads, whether or not its service said so.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps: dict[str, Step] = {step.key: step for step in steps}
        if len(self.steps) != len(steps):
            keys = [step.key for step in steps]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            raise InternalError(f"steps declared twice: {', '.join(twice)}")
        self._check_names()
        writers = {
            (step.host, step.state.path): step.key
            for step in steps
            if isinstance(step.state, FileWritten)
        }
        self.before: dict[str, frozenset[str]] = {
            step.key: (step.needs | step.watches | _read_files(step, writers)) - {step.key}
            for step in steps
        }

    def _check_names(self) -> None:
        faults = []
        for step in self.steps.values():
            for key in sorted(k for k in step.needs | step.watches if k not in self.steps):
                near = did_you_mean(key, self.steps)
                faults.append(f"{step.key} needs {key}" + (f" ({near})" if near else ""))
        if faults:
            raise InternalError("steps need what no step is", detail="\n".join(faults))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All keys, each after what it needs. Raises InternalError that names a cycle."""
        try:
            return tuple(graphlib.TopologicalSorter(self.before).static_order())
        except graphlib.CycleError as error:
            cycle = " -> ".join(reversed(error.args[1]))
            raise InternalError("steps need each other in a circle", detail=cycle) from error

    @cached_property
    def after(self) -> dict[str, tuple[str, ...]]:
        """Each key's direct dependents."""
        found: dict[str, list[str]] = {key: [] for key in self.steps}
        for key in self.order:
            for need in self.before[key]:
                found[need].append(key)
        return {key: tuple(keys) for key, keys in found.items()}

    def watchers(self, key: str) -> tuple[str, ...]:
        """Return the steps that are changed whenever `key` is."""
        return tuple(other for other in self.after[key] if key in self.steps[other].watches)

    def remaining(self, durations: Mapping[str, float], due: Set[str]) -> dict[str, float]:
        """Return for each key the seconds of the longest path of `due` steps that begins with it.

        What has the most behind it goes first; on two cores that order decides the whole time.
        """
        longest: dict[str, float] = {}
        for key in reversed(self.order):
            own = self.seconds(key, durations) if key in due else 0.0
            longest[key] = own + max((longest[other] for other in self.after[key]), default=0.0)
        return longest

    def seconds(self, key: str, durations: Mapping[str, float]) -> float:
        """Return how long a step is expected to take, by earlier runs or else by its kind."""
        return durations.get(key) or EXPECTED_SECONDS.get(self.steps[key].state.kind, 0.1)


def _read_files(step: Step, writers: Mapping[tuple[str, str], str]) -> frozenset[str]:
    if not isinstance(step.state, UnitActive):
        return frozenset()
    found = (writers.get((step.host, path)) for path in step.state.inputs)
    return frozenset(key for key in found if key is not None)
