"""What an explanation says, as data: its field names are the keys of `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, str]
Fact = str | tuple[str, ...] | tuple[Row, ...]
"""One text, several, or rows of a table whose columns have the same keys in each."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a value is what it is, and the place that says so: a service, or a line of the input."""

    why: str
    set_by: str
    by_operator: bool


@dataclass(frozen=True, kw_only=True)
class HostValue:
    """The value of an option on some hosts; a secret is `***`."""

    hosts: tuple[str, ...]
    value: str
    secret: bool
    reasons: tuple[Reason, ...]
    instead_of: Reason | None = None
    instead_of_value: str = ""
    read_with: str = ""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What a value follows: a fact of the host, or a key of cloud.yaml with its line."""

    kind: str
    name: str
    value: str
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """What the release itself says of an option."""

    help: str
    default: Any
    takes: str
    type: str
    choices: tuple[Any, ...]
    minimum: float | None
    maximum: float | None
    required: bool
    advanced: bool
    reloadable: bool
    old_names: tuple[str, ...]
    deprecated: bool
    deprecated_since: str
    deprecated_because: str


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A unit that reads a file: it restarts when the file changes."""

    host: str
    unit: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Related:
    """Something that belongs to a value: `how` it does, `what` it is, and a word on it."""

    how: str
    what: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """How the operator sets an option: the lines of cloud.yaml, or why they cannot."""

    file: str
    lines: tuple[str, ...]
    keys: tuple[str, ...] = ()
    refused: str = ""
    then: str


@dataclass(frozen=True, kw_only=True)
class OptionAnswer:
    """One option of one config file, set by somebody or left at upstream's default."""

    kind: str = "option"
    file: str
    path: str
    section: str
    name: str
    asked_as: str = ""
    is_set: bool
    values: tuple[HostValue, ...]
    follows: tuple[Cause, ...]
    upstream: Upstream | None
    read_by: tuple[Reader, ...]
    related: tuple[Related, ...]
    change: Change


@dataclass(frozen=True, kw_only=True)
class OptionLine:
    """One option among many: enough to tell which one is meant."""

    file: str
    section: str
    name: str
    is_set: bool
    value: str
    why: str


@dataclass(frozen=True, kw_only=True)
class OptionsAnswer:
    """Options that a word could mean, most relevant first; `more` are left out.

    `ask` is the command that explains the first of them in full.
    """

    kind: str = "options"
    name: str
    options: tuple[OptionLine, ...]
    more: int = 0
    ask: str


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Anything but an option: what it is, why it is so, and facts under stable names."""

    kind: str
    name: str
    summary: str
    why: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


Answer = OptionAnswer | OptionsAnswer | Thing


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Every meaning of a question, the most specific first, and when the hosts were last seen."""

    question: str
    cloud: str
    release: str
    seen: float | None
    answers: tuple[Answer, ...]
