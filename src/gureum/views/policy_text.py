"""Policy rules, and what they say to a user, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from gureum.operate.policy import Answer, Answers
from gureum.policy.facts import RuleFacts
from gureum.policy.verdict import Part
from gureum.views import wording
from gureum.views.data import Line

WIDTH = 96
PARTS = 8
"""Parts of a rule that are shown as what stood in the way."""
WORDS = {
    "default": "by default",
    "input": "with the input's policy",
    "cloud": "by the cloud's own file",
}


def listing(rules: Sequence[RuleFacts]) -> Iterator[Line]:
    """Yield three lines for each rule: its name and operations, whom it lets, what it is for."""
    for found in rules:
        changed = found.check != found.default or bool(found.through)
        yield f"{found.full_name}{_operations(found, 2)}", "bold"
        yield f"    for {found.default_for}: {_check(found.default)}", ""
        if changed:
            yield f"    now for {found.lets}: {_check(found.check)} {_whence(found)}", "yellow"
        if found.description:
            yield f"    {textwrap.shorten(found.description, WIDTH)}", "dim"
    own = sum(found.override is not None for found in rules)
    count = "1 rule" if len(rules) == 1 else f"{len(rules)} rules"
    yield f"{count}, {own or 'none'} of them overridden by the input", ""


def rule(found: RuleFacts) -> Iterator[Line]:
    """Yield all that is known of one rule."""
    yield from _head(found)
    if found.scopes:
        yield f"takes tokens of: {', '.join(found.scopes)}", ""
    if found.old_name:
        yield f"took the place of: {found.old_name}", ""
    if found.removal:
        yield f"deprecated for removal {' '.join(found.removal.split())}", "yellow"
    yield "", ""
    yield f"default: {_check(found.default)}", ""
    yield f"  lets: {found.default_for}", ""
    if found.override is not None or found.through:
        yield f"now:     {_check(found.check)} {_whence(found)}", "yellow"
        yield f"  lets: {found.lets}", "yellow"
    if found.why:
        yield f"  why:  {found.why}", ""
    yield "", ""
    yield wording.hint(f"gureum policy check {found.full_name} --user … --project …"), "dim"


def answers(found: Answers) -> Iterator[Line]:
    """Yield the verdicts first, then what made them, then by which of them the cloud decides."""
    yield from _head(found.rule)
    roles = ", ".join(found.keystone_roles)
    yield f"asked for {found.user} ({roles}) in the project {found.project}", ""
    attributes = ", ".join(f"{key}={_value(value)}" for key, value in found.target.items())
    yield from ((line, "dim") for line in textwrap.wrap(f"target: {attributes}", WIDTH))
    for answer in found.answers:
        yield "", ""
        yield from _answer(answer, found.scope)
    yield "", ""
    yield from _runs(found)
    for one in found.warnings:
        yield from ((line, "yellow") for line in wording.diagnostic(one))


def _answer(answer: Answer, scope: str) -> Iterator[Line]:
    allowed = answer.allowed and not scope
    verdict = "allowed" if allowed else "refused"
    yield f"{WORDS[answer.policy]}: {verdict}", "bold green" if allowed else "bold red"
    yield f"  {_check(answer.check)}", ""
    if scope:
        yield f"    {scope}", "red"
    for part in answer.parts[:PARTS]:
        yield f"    {_part(part)}", ""
    if len(answer.parts) > PARTS:
        yield f"    and {len(answer.parts) - PARTS} parts more", ""


def _part(part: Part) -> str:
    word = "yes" if part.allows else "no "
    through = (
        f"  (by {' -> '.join(f'rule:{name}' for name in part.through)})" if part.through else ""
    )
    return f"{word}  {part.check}: {part.why}{through}"


def _runs(found: Answers) -> Iterator[Line]:
    has_input = any(answer.policy == "input" for answer in found.answers)
    if found.runs == "cloud":
        said = "another policy: its file was changed by hand, or the input since the last apply"
    elif found.runs == "input":
        said = "the input's policy"
    else:
        said = f"{found.rule.service}'s defaults; the input has no policy for it"
    if found.runs == "default" and has_input:
        yield "the cloud does not run with the input's policy yet", "yellow"
    else:
        yield f"the cloud runs with {said}", "yellow" if found.hint else ""
    if found.hint:
        yield wording.hint(found.hint), ""


def _head(found: RuleFacts) -> Iterator[Line]:
    yield f"{found.full_name}{_operations(found, 8)}", "bold"
    yield from ((f"  {line}", "") for line in textwrap.wrap(found.description, WIDTH))


def _operations(found: RuleFacts, limit: int) -> str:
    named = [f"{method} {path}" for method, path in found.operations]
    more = f" and {len(named) - limit} more" if len(named) > limit else ""
    return f"  {', '.join(named[:limit])}{more}" if named else ""


def _check(text: str) -> str:
    return text or '"" (nothing is asked)'


def _whence(found: RuleFacts) -> str:
    if found.override is not None:
        return f"({found.source})"
    return f"(by {', '.join(found.through)})"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
