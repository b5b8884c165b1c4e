"""Decides a rule for one user and one target, and says which part of it decided."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gureum.policy.language import All, Check, Leaf, Misspelt, Not, leaves, parse

Judge = Callable[[Leaf], tuple[bool, str]]
"""Says whether a check without parts allows, and why in a few words."""


@dataclass(frozen=True)
class Part:
    """A part that decided: the check, whether it allows, why, and the rules that led to it."""

    check: str
    allows: bool
    why: str
    through: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether a rule allows, and the parts that made it so.

    Of what is allowed these are the parts of the first alternative that allows; of what is refused
    every part that stands in the way.
    """

    allowed: bool
    parts: tuple[Part, ...]


class Rules:
    """The checks of a service by rule name; each is read once, when it is first needed."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)
        self._read: dict[str, Check] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.texts

    def check(self, name: str) -> Check:
        """Return a rule's check; one that cannot be read refuses, as it does in the services."""
        if name not in self._read:
            try:
                self._read[name] = parse(self.texts[name])
            except Misspelt:
                self._read[name] = Leaf("!")
        return self._read[name]

    def reached(self, name: str) -> frozenset[str]:
        """Return the rules that decide the rule `name`: itself, and all that it refers to."""
        found: set[str] = set()
        todo = [name]
        while todo:
            here = todo.pop()
            if here not in found and here in self:
                found.add(here)
                todo += [leaf.match for leaf in self.leaves(here) if leaf.kind == "rule"]
        return frozenset(found)

    def leaves(self, name: str) -> Iterator[Leaf]:
        """Yield the smallest parts of a rule's own check."""
        return leaves(self.check(name))

    def decide(self, name: str, judge: Judge) -> Verdict:
        """Return what the rule `name` says where `judge` decides its smallest parts."""
        return self._walk(self.check(name), judge, (name,))

    def _walk(self, check: Check, judge: Judge, through: tuple[str, ...]) -> Verdict:
        if isinstance(check, Leaf):
            return self._leaf(check, judge, through)
        if isinstance(check, Not):
            inner = self._walk(check.check, judge, through)
            return Verdict(not inner.allowed, inner.parts)
        wants_all = isinstance(check, All)
        parts: tuple[Part, ...] = ()
        for one in check.checks:
            found = self._walk(one, judge, through)
            if found.allowed is not wants_all:
                return found
            parts += found.parts
        return Verdict(wants_all, parts)

    def _leaf(self, leaf: Leaf, judge: Judge, through: tuple[str, ...]) -> Verdict:
        if leaf.kind == "rule":
            name = leaf.match
            if name in through or name not in self:
                why = "it refers to itself" if name in through else "there is no such rule"
                return Verdict(False, (Part(str(leaf), False, why, through[1:]),))
            return self._walk(self.check(name), judge, (*through, name))
        if leaf.kind in ("@", "!"):
            allowed = leaf.kind == "@"
            why = "allows everybody" if allowed else "allows nobody"
            return Verdict(allowed, (Part(str(leaf), allowed, why, through[1:]),))
        allowed, why = judge(leaf)
        return Verdict(allowed, (Part(str(leaf), allowed, why, through[1:]),))


@dataclass(frozen=True)
class RealUser:
    """Judges as the services do: from a token's credentials and the attributes of a target."""

    credentials: Mapping[str, Any]
    target: Mapping[str, Any]

    def __call__(self, leaf: Leaf) -> tuple[bool, str]:
        """Return whether the check allows this user, and why."""
        if leaf.kind == "field":
            return self._field(leaf.match)
        missing = [key for key in leaf.target_keys if key not in self.target]
        if missing:
            return False, f"the target has no {missing[0]}"
        return self._compare(leaf, leaf.match % self.target if leaf.target_keys else leaf.match)

    def _compare(self, leaf: Leaf, wanted: str) -> tuple[bool, str]:
        if leaf.kind == "role":
            roles = [str(role) for role in self.credentials.get("roles", ())]
            has = wanted.lower() in [role.lower() for role in roles]
            return has, f"the user's roles: {', '.join(roles) or 'none'}"
        if leaf.kind in ("http", "https"):
            return False, "another server decides it, which is not asked here"
        try:
            literal = ast.literal_eval(leaf.kind)
        except (ValueError, SyntaxError):
            pass
        else:
            return wanted == str(literal), f"the target has {wanted}"
        values = _found(self.credentials, leaf.kind.split("."))
        if not values:
            return False, f"the user has no {leaf.kind}"
        shown = ", ".join(values)
        return wanted in values, f"the user has {shown}" + (
            "" if wanted in values else f", not {wanted}"
        )

    def _field(self, match: str) -> tuple[bool, str]:
        """Compare a field of the target, as neutron does."""
        field, _, wanted = match.partition(":")[2].partition("=")
        if field not in self.target:
            return False, f"the target has no {field}"
        value = str(self.target[field])
        same = value.startswith(wanted[1:].lstrip("^")) if wanted[:1] == "~" else value == wanted
        return same, f"the target has {field} {value}"


def _found(value: Any, path: list[str]) -> list[str]:
    """Return what stands at `path` of nested credentials, every item of a list by itself."""
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in _found(item, path)]
    if not path:
        return [str(value)]
    if not isinstance(value, Mapping) or path[0] not in value:
        return []
    return _found(value[path[0]], path[1:])
