"""Judges what runs against what is on disk: units that are older than what they read, or down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gureum.drift.judge import FileDrift
from gureum.drift.memory import Memory
from gureum.steps.states import UnitActive
from gureum.steps.step import Step

STAMP = "/.gureum-stamp"
"""How the file ends that changes whenever a virtual environment does."""


@dataclass(frozen=True)
class StaleInput:
    """A file that changed after a unit had read it.

    `options` are the addresses of the options that are not what they were when the unit started;
    None where that cannot be told, for gureum did not write the text that the unit read.
    """

    path: str
    modified: float | None = None
    options: tuple[str, ...] | None = None
    same: bool = False


@dataclass(frozen=True)
class UnitDrift:
    """A unit that is not as it is wanted: `what` is any of down, disabled, stale."""

    host: str
    name: str
    key: str
    service: str
    what: tuple[str, ...]
    state: str
    since: float | None
    started: float | None
    stale: tuple[StaleInput, ...] = ()


@dataclass(frozen=True)
class HostLook:
    """What was found on one host: readings of its files by path, and what is judged of them."""

    files: Mapping[str, Mapping[str, Any]]
    drifted: Sequence[FileDrift]
    memory: Memory

    def unit(self, step: Step, reading: Mapping[str, Any]) -> UnitDrift | None:
        """Return how a unit differs from what it is to be, or None where it is in order."""
        state = step.state
        assert isinstance(state, UnitActive)
        started = reading["_started"]
        stale = tuple(self._stale(step.host, path, started) for path in reading["stale_inputs"])
        checks = {
            "down": reading["active"] != "active",
            "disabled": reading["enabled"] != state.enabled,
            "stale": bool(stale),
        }
        what = tuple(word for word, holds in checks.items() if holds)
        if not what:
            return None
        return UnitDrift(
            host=step.host,
            name=state.name,
            key=step.key,
            service=step.service,
            what=what,
            state=str(reading["_state"]),
            since=reading["_since"] or None,
            started=started or None,
            stale=stale,
        )

    def _stale(self, host: str, path: str, started: float) -> StaleInput:
        found = self.files.get(path, {})
        modified = found.get("modified")
        last = self.memory.of(host, path).last
        if last is None or last.time > started:
            # What the unit read is older than what gureum remembers of the file.
            return StaleInput(path, modified)
        if found.get("sha256") == last.sha256:
            return StaleInput(path, modified, (), same=True)
        drift = next((one for one in self.drifted if one.path == path), None)
        if drift is None or (not drift.options and not drift.form_only):
            return StaleInput(path, modified)
        by_hand = [one for one in drift.options if one.origin.by_hand]
        return StaleInput(path, modified, tuple(one.address for one in by_hand))
