"""The plan as a value: printed, saved, compared and applied."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gureum.plan.action import Action
from gureum.steps.notice import Effect, Notice


@dataclass(frozen=True)
class Version:
    """A package that would be installed, from one version (None: from none) to another."""

    package: str
    now: str | None
    then: str


@dataclass(frozen=True)
class PlannedStep:
    """What would happen to one step, and why. Holds no secret.

    `drift` maps differing keys to actual and wanted value, `diff` is a file's unified diff,
    `causes` the keys or file paths whose change makes a unit restart or a step run again.
    `reading` is what was found, the evidence of a step that needs nothing. `origin` says whose
    deed a file's difference is, where that is known. `versions` are packages that the step would
    install, where the host could tell. `notice` says who notices that a unit restarts, and `turn`
    which of the restarts it is: those of one turn happen at once, turn by turn.
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
    versions: tuple[Version, ...] = ()
    notice: Notice | None = None
    turn: int = 0

    @property
    def interrupts(self) -> bool:
        """Whether a unit that runs would stop for a while; one that is only enabled goes on."""
        only_enabled = set(self.drift) == {"enabled"} and not self.causes
        return self.action is not Action.NOTHING and self.runs and not only_enabled

    @property
    def runs(self) -> bool:
        """Whether this is a unit that runs now."""
        running = self.reading.get("active") in ("active", "activating", "reloading")
        return self.kind == "unit" and running


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
        """The units that would restart, in their order; their users notice."""
        found = [step for step in self.steps if step.interrupts]
        return tuple(sorted(found, key=lambda step: step.turn))

    def with_versions(self, found: Mapping[str, tuple[Version, ...]]) -> Plan:
        """Return the same plan with the packages that steps would install, by key."""
        return Plan(
            tuple(
                dataclasses.replace(step, versions=found[step.key]) if step.key in found else step
                for step in self.steps
            )
        )

    def counts(self) -> dict[Action, int]:
        """Return how many steps have each action."""
        found = Counter(step.action for step in self.steps)
        return {action: found[action] for action in Action}

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain data; `from_json` reads it back."""
        return {"steps": [_to_json(step) for step in self.steps]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` gave."""
        return cls(tuple(_from_json(step) for step in data["steps"]))


def _to_json(step: PlannedStep) -> dict[str, Any]:
    fields = dataclasses.asdict(step)
    notice = fields["notice"]
    if notice:
        notice = {**notice, "effect": notice["effect"].value}
    return {**fields, "action": step.action.name.lower(), "notice": notice}


def _from_json(fields: Mapping[str, Any]) -> PlannedStep:
    notice = fields["notice"]
    if notice:
        apis, effect = tuple(notice["apis"]), Effect(notice["effect"])
        notice = Notice(**{**notice, "apis": apis, "effect": effect})
    return PlannedStep(
        **{
            **fields,
            "action": Action[fields["action"].upper()],
            "causes": tuple(fields["causes"]),
            "versions": tuple(Version(**version) for version in fields["versions"]),
            "notice": notice,
        }
    )
