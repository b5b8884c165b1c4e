"""Whom a rule lets do what: the kinds of users that it allows, the widest ones named first."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from dataclasses import dataclass

from gureum.policy.language import All, Check, Leaf, Not, leaves
from gureum.policy.verdict import Rules

READER = frozenset({"reader"})
MEMBER = READER | {"member"}
MANAGER = MEMBER | {"manager"}
PROJECT = frozenset({"project_id", "tenant_id"})
DOMAIN = frozenset({"domain_id", "token.domain.id"})


@dataclass(frozen=True)
class Persona:
    """A kind of user: its keystone roles, and by which of its ids the target belongs to it.

    `everywhere` marks one whose target belongs to others: what is allowed to it is allowed on
    everything. `low` marks a user without any right of administration.
    """

    words: str
    roles: frozenset[str] = frozenset()
    owns: frozenset[str] = frozenset()
    system: bool = False
    admin: bool = False

    @property
    def low(self) -> bool:
        """Whether anybody may get to be such a user without being trusted with administration."""
        return not self.admin and not self.system and self.roles <= MANAGER and self.owns != DOMAIN

    @property
    def everywhere(self) -> bool:
        """Whether the target is somebody else's."""
        return not self.owns

    def within(self, wider: Persona) -> bool:
        """Tell whether each user of this kind is one of a wider kind too."""
        return (
            wider.roles <= self.roles
            and wider.owns <= self.owns
            and wider.system <= self.system
            and wider.admin <= self.admin
        )

    def judge(self, leaf: Leaf, unknown: bool) -> bool:
        """Return whether a check allows this kind; what depends on more than that is `unknown`."""
        if leaf.kind == "role":
            return leaf.match.lower() in self.roles
        if leaf.kind == "service_roles":
            return leaf.match in self.roles
        if leaf.kind == "is_admin":
            return (leaf.match in ("True", "1")) is self.admin
        if leaf.kind == "system_scope":
            return self.system
        if leaf.kind in _IDS:
            return leaf.kind in self.owns and bool(leaf.target_keys)
        return unknown


_IDS = PROJECT | DOMAIN | {"user_id", "token.project.domain.id", "user_domain_id"}

PERSONAS = (
    Persona("every user who can log in"),
    Persona("readers of any project", READER),
    Persona("members of any project", MEMBER),
    Persona("managers of any project", MANAGER),
    Persona("the user whom it belongs to", owns=frozenset({"user_id"})),
    Persona("members to whom it belongs", MEMBER, frozenset({"user_id"})),
    Persona("everybody in its project", owns=PROJECT),
    Persona("readers of its project", READER, PROJECT),
    Persona("members of its project", MEMBER, PROJECT),
    Persona("managers of its project", MANAGER, PROJECT),
    Persona("readers of its domain", READER, DOMAIN),
    Persona("managers of its domain", MANAGER, DOMAIN),
    Persona("readers of the whole system", READER, system=True),
    Persona("services", frozenset({"service"})),
    Persona("administrators", MANAGER | {"admin"}, admin=True),
)


class Audience:
    """Whom the rules of a service allow; all kinds of users are judged at once, each rule once."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[tuple[str, bool], int] = {}

    def allowed(self, name: str, *, unknown: bool = False) -> tuple[Persona, ...]:
        """Return every kind of user that the rule `name` allows.

        What a check asks of the target beside its owner (`field:networks:shared=True`) counts as
        `unknown`: not fulfilled, or fulfilled.
        """
        bits = self._rule(name, unknown)
        return tuple(persona for i, persona in enumerate(PERSONAS) if bits >> i & 1)

    def words(self, name: str) -> str:
        """Return whom the rule `name` allows, e.g. `members of its project, administrators`."""
        surely = _widest(self.allowed(name))
        words = [persona.words for persona in surely]
        named = {
            leaf.match.lower()
            for rule in self._rules.reached(name)
            for leaf in leaves(self._rules.check(rule))
            if leaf.kind == "role"
        }
        words += [
            f"users with the role {r}" for r in sorted(named - MANAGER - {"admin", "service"})
        ]
        perhaps = [p for p in _widest(self.allowed(name, unknown=True)) if p not in surely]
        words += [f"under conditions {persona.words}" for persona in perhaps[:1]]
        return ", ".join(words) or "nobody"

    def for_administrators(self, name: str) -> bool:
        """Tell whether the rule `name` allows no user without a right of administration."""
        return not any(persona.low for persona in self.allowed(name, unknown=True))

    def _rule(self, name: str, unknown: bool) -> int:
        key = (name, unknown)
        if key not in self._known:
            # A rule that comes back to itself refuses, and so does one that does not exist.
            self._known[key] = 0
            if name in self._rules:
                self._known[key] = self._bits(self._rules.check(name), unknown)
        return self._known[key]

    def _bits(self, check: Check, unknown: bool) -> int:
        if isinstance(check, Not):
            return _EVERYBODY & ~self._bits(check.check, unknown)
        if isinstance(check, Leaf):
            if check.kind == "rule":
                return self._rule(check.match, unknown)
            if check.kind in ("@", "!"):
                return _EVERYBODY if check.kind == "@" else 0
            return sum(p.judge(check, unknown) << i for i, p in enumerate(PERSONAS))
        found = [self._bits(one, unknown) for one in check.checks]
        join = operator.and_ if isinstance(check, All) else operator.or_
        return functools.reduce(join, found)


_EVERYBODY = (1 << len(PERSONAS)) - 1


def gained(before: Audience, after: Audience, name: str) -> tuple[Persona, ...]:
    """Return the widest kinds of users that only `after` allows, whatever else the target is like."""
    found: set[Persona] = set()
    for unknown in (False, True):
        was = before.allowed(name, unknown=unknown)
        found |= {p for p in after.allowed(name, unknown=unknown) if p not in was}
    return _widest(p for p in PERSONAS if p in found)


def _widest(personas: Iterable[Persona]) -> tuple[Persona, ...]:
    kept: list[Persona] = []
    for persona in personas:
        if not any(persona.within(wider) for wider in kept):
            kept.append(persona)
    return tuple(kept)
