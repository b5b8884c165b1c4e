"""The plan as a value: printed, saved, compared and applied."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gureum.plan.action import Action


@dataclass(frozen=True)
class PlannedStep:
    """What would happen to one step, and why. Holds no secret.

    `drift` maps differing keys to actual and wanted value, `diff` is a file's unified diff,
    `causes` the keys or file paths whose change makes a unit restart or a step run again.
    `reading` is what was found, the evidence of a step that needs nothing. `origin` says whose
    deed a file's difference is, where that is known.
    """

    key: str
    host: str
    id: str
    service: str
    kind: str
    title: str
    why: str
    action: Action
    drift: Mapping[str, Any] = field(default_factory=dict)
    diff: str = ""
    causes: tuple[str, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""


@dataclass(frozen=True)
class Plan:
    """Every step with its action, in an order in which they can run."""

    steps: tuple[PlannedStep, ...]

    @cached_property
    def by_key(self) -> dict[str, PlannedStep]:
        """The planned steps by key."""
        return {step.key: step for step in self.steps}

    @cached_property
    def changes(self) -> tuple[PlannedStep, ...]:
        """The steps that would do something; empty where the cloud is as it is wanted."""
        return tuple(step for step in self.steps if step.action is not Action.NOTHING)

    @property
    def restarts(self) -> tuple[PlannedStep, ...]:
        """The units that would restart; their users notice."""
        return tuple(step for step in self.steps if step.action is Action.RESTART)

    def counts(self) -> dict[Action, int]:
        """Return how many steps have each action."""
        found = Counter(step.action for step in self.steps)
        return {action: found[action] for action in Action}

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain data; `from_json` reads it back."""
        fields = [dataclasses.asdict(step) for step in self.steps]
        return {"steps": [{**step, "action": step["action"].name.lower()} for step in fields]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` gave."""
        return cls(
            tuple(
                PlannedStep(
                    **{
                        **step,
                        "action": Action[step["action"].upper()],
                        "causes": tuple(step["causes"]),
                    }
                )
                for step in data["steps"]
            )
        )
