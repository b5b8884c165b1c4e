"""Which overrides open more than a rule was made for, and what becomes possible by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gureum.policy.audience import Audience, Persona, gained
from gureum.policy.verdict import Rules
from gureum.releases.policies import PolicyRule, PolicyRules

SHOWN = 6
"""Operations that are named; more are counted."""


@dataclass(frozen=True)
class Opening:
    """An override that lets low users reach what is not theirs, or what is for administrators.

    `whom` is the widest kind of user that gains; `guarded` are the rules that open by it.
    """

    rule: str
    whom: Persona
    administrative: bool
    guarded: tuple[PolicyRule, ...]

    @property
    def summary(self) -> str:
        """What the override does, as the end of a sentence that begins with its name."""
        opened = (
            "what is for administrators by default"
            if self.administrative
            else "what belongs to others"
        )
        return f"opens to {self.whom.words} {opened}"

    @property
    def possible(self) -> str:
        """What becomes possible, by method and path."""
        operations = list(dict.fromkeys(o for rule in self.guarded for o in rule.operations))
        if not operations:
            return f"it decides {', '.join(rule.name for rule in self.guarded[:SHOWN])}"
        if len(self.guarded) == 1:
            does = self.guarded[0].description.split("\n\n")[0].rstrip(".")
            words = " ".join(does.split())
            return f"becomes possible: {_named(operations)}" + (f" ({words})" if words else "")
        return f"becomes possible by {len(self.guarded)} rules: {_named(operations)}"


def openings(
    rules: PolicyRules, before: Mapping[str, str], overrides: Mapping[str, str]
) -> Iterator[Opening]:
    """Yield each override that lets low users do what by default others may, or to what is others'.

    Nothing is said of one that widens a rule within a project: its members are to know each other.
    """
    rules_now = Rules({**before, **overrides})
    was, now = Audience(Rules(before)), Audience(rules_now)
    opened: dict[str, list[tuple[PolicyRule, Persona, bool]]] = {}
    for name, rule in rules.items():
        through = rules_now.reached(name) & overrides.keys()
        if not through:
            continue
        administrative = was.for_administrators(name)
        gains = [p for p in gained(was, now, name) if p.low and (p.everywhere or administrative)]
        if gains:
            # A rule that is overridden itself answers for itself; others for what they refer to.
            for override in [name] if name in through else sorted(through):
                opened.setdefault(override, []).append((rule, gains[0], administrative))
    for override in overrides:
        found = opened.get(override, ())
        if found:
            yield _opening(override, found)


def _opening(override: str, found: Sequence[tuple[PolicyRule, Persona, bool]]) -> Opening:
    widest = next(p for _, p, _ in found if not any(p.within(q) and p != q for _, q, _ in found))
    return Opening(
        rule=override,
        whom=widest,
        administrative=any(administrative for *_, administrative in found),
        guarded=tuple(rule for rule, *_ in found),
    )


def _named(operations: list[tuple[str, str]]) -> str:
    named = ", ".join(f"{method} {path}" for method, path in operations[:SHOWN])
    more = len(operations) - SHOWN
    return f"{named} and {more} more" if more > 0 else named
