"""The words that stand for a part of Tempest's tests; whatever is no such word is a regular expression."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gureum.diagnostics import did_you_mean
from gureum.errors import GureumError

_INTEROP = Path(__file__).with_name("interop.json")
"""The tests that the interoperability guideline 2020.06 requires and does not flag, by their ids.

Later guidelines exist; all ids of this one are in the Tempest of the lock.
"""


@dataclass(frozen=True)
class Selection:
    """A word, the regular expression that finds its tests by their names, and what they prove."""

    name: str
    pattern: str | Callable[[], str]
    what: str

    def regex(self) -> str:
        """Return the regular expression."""
        return self.pattern if isinstance(self.pattern, str) else self.pattern()


def required(component: str) -> str:
    """Return the expression of the tests that a component of the guideline requires.

    They are known by the ids in their names: those outlive every renaming.
    """
    ids = json.loads(_INTEROP.read_text())[component]
    return f"id-(?:{'|'.join(ids)})"


SELECTIONS = (
    Selection("smoke", r"\[.*\bsmoke\b.*\]", "the few tests of each service that Tempest calls smoke tests"),
    Selection("identity", r"^tempest\.api\.identity\.", "users, projects, roles, tokens, the catalogue"),
    Selection("image", r"^tempest\.api\.image\.", "images, their members, imports, metadata definitions"),
    Selection("network", r"^tempest\.api\.network\.", "networks, ports, routers, floating IPs, rules"),
    Selection("volume", r"^tempest\.api\.volume\.", "volumes, snapshots, backups, types, transfers"),
    Selection("object", r"^tempest\.api\.object_storage\.", "accounts, containers, objects"),
    Selection("compute", r"^tempest\.api\.compute\.", "VMs and what is done with them, up to migration"),
    Selection("scenario", r"^tempest\.scenario\.", "VMs reached from outside, over several services"),
    Selection(
        "interop-compute",
        functools.partial(required, "compute"),
        "what the interoperability guideline asks of compute, with its networks, images and volumes",
    ),
    Selection(
        "interop-storage",
        functools.partial(required, "storage"),
        "what the interoperability guideline asks of an object store",
    ),
)  # fmt: skip
"""In the order in which a cloud is best held against them: what fails early explains what fails late."""

EVERYTHING = "smoke"
"""What runs where nothing is chosen: ten minutes that touch every service."""


def patterns(words: Sequence[str]) -> list[str]:
    """Return the regular expression of each word.

    Raises GureumError, naming every mistake, for words that are neither a selection nor an
    expression that could find a test.
    """
    known = {selection.name: selection for selection in SELECTIONS}
    wrong: list[str] = []
    hints: list[str] = []
    found = []
    for word in words:
        if word in known:
            found.append(known[word].regex())
        elif problem := _problem(word):
            wrong.append(f"{word!r}: {problem}")
            hints.append(did_you_mean(word, known))
        else:
            found.append(word)
    if wrong:
        raise GureumError(
            "no such selection of tests",
            detail="\n".join(wrong),
            hint=next((hint for hint in hints if hint), "gureum tempest --list"),
        )
    return found


def _problem(word: str) -> str:
    """Return what is wrong with an expression; names of tests hold a dot or an underline."""
    if re.search(r"\s", word):
        return "an expression cannot hold a blank: Tempest takes what stands around it for two"
    if re.fullmatch(r"[A-Za-z-]*", word):
        return "neither a selection nor a part of a test's name, such as test_network_basic_ops"
    try:
        re.compile(word)
    except re.error as error:
        return f"no regular expression: {error}"
    return ""
