"""The language of policy rules, read as oslo.policy reads it.

    check   = any
    any     = all { "or" all }
    all     = one { "and" one }
    one     = "not" one | "(" any ")" | "@" | "!" | KIND ":" MATCH

An empty text allows, as `@` does; `!` refuses. oslo.policy takes what it cannot read for a `!` and
says so in a log, where nobody looks; here it is a mistake with words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WORDS = ("and", "or", "not")
_TARGET = re.compile(r"%\(([^()]+)\)s")


class Misspelt(ValueError):
    """A text is no check; says which part of it, and `hint` what is meant perhaps."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Leaf:
    """A check without parts: `rule:NAME`, `role:NAME`, `project_id:%(project_id)s`, `@`, `!`."""

    kind: str
    match: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.match}" if self.kind not in ("@", "!") else self.kind

    @property
    def target_keys(self) -> tuple[str, ...]:
        """The attributes of the target that the check looks at."""
        return tuple(_TARGET.findall(self.match))


@dataclass(frozen=True)
class Not:
    """A check that is turned round."""

    check: Check


@dataclass(frozen=True)
class All:
    """Checks of which every one must allow."""

    checks: tuple[Check, ...]


@dataclass(frozen=True)
class AnyOf:
    """Checks of which one is enough."""

    checks: tuple[Check, ...]


Check = Leaf | Not | All | AnyOf


def parse(text: str) -> Check:
    """Return the check that a rule's text is; raises Misspelt."""
    words = list(_words(text))
    if not words:
        return Leaf("@")
    reader = _Reader(words)
    try:
        check = reader.any_of()
    except RecursionError:
        raise Misspelt("it is nested too deeply") from None
    if reader.left:
        raise Misspelt(_unexpected(reader.left[0], "`and` or `or`"))
    return check


def leaves(check: Check) -> Iterator[Leaf]:
    """Yield every part of a check that has no parts itself, from left to right."""
    if isinstance(check, Leaf):
        yield check
    elif isinstance(check, Not):
        yield from leaves(check.check)
    else:
        for one in check.checks:
            yield from leaves(one)


class _Reader:
    def __init__(self, words: list[str]) -> None:
        self.left = words

    def any_of(self) -> Check:
        checks = self._joined("or", self.all_of)
        return checks[0] if len(checks) == 1 else AnyOf(tuple(checks))

    def all_of(self) -> Check:
        checks = self._joined("and", self.one)
        return checks[0] if len(checks) == 1 else All(tuple(checks))

    def _joined(self, word: str, read: Callable[[], Check]) -> list[Check]:
        checks = [read()]
        while self.left and self.left[0].lower() == word:
            self.left.pop(0)
            checks.append(read())
        return checks

    def one(self) -> Check:
        if not self.left:
            raise Misspelt("it ends where a check should follow")
        word = self.left.pop(0)
        if word.lower() == "not":
            return Not(self.one())
        if word == "(":
            check = self.any_of()
            if not self.left or self.left.pop(0) != ")":
                raise Misspelt("a bracket is opened and not closed")
            return check
        if word == ")" or word.lower() in WORDS:
            raise Misspelt(_unexpected(word, "a check"))
        return _leaf(word)


def _words(text: str) -> Iterator[str]:
    """Yield words and brackets; brackets count at a word's ends only, for `%(name)s` has its own."""
    for piece in text.split():
        bare = piece.lstrip("(")
        yield from "(" * (len(piece) - len(bare))
        inner = bare.rstrip(")")
        if inner:
            yield inner
        yield from ")" * (len(bare) - len(inner))


def _leaf(word: str) -> Leaf:
    if word in ("@", "!"):
        return Leaf(word)
    kind, colon, match = word.partition(":")
    if not colon:
        raise Misspelt(
            f"{word!r} is no check", f"write rule:{word} for a rule, role:{word} for a role"
        )
    if not kind or not match:
        said = "before" if not kind else "after"
        raise Misspelt(
            f"{word!r} has nothing {said} its colon", "write it as role:member, no blanks"
        )
    if "%" in _TARGET.sub("", match):
        raise Misspelt(
            f"{word!r} names an attribute of the target in a way that the services cannot read",
            "write it as %(project_id)s, the s included",
        )
    return Leaf(kind, match)


def _unexpected(word: str, wanted: str) -> str:
    what = "a bracket that closes" if word == ")" else "a bracket" if word == "(" else repr(word)
    return f"{what} stands where {wanted} should"
