"""What one option of one config file is set to, why, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gureum.diagnostics import Source
from gureum.state.secrets import Secret

Value = bool | int | float | str | Secret | tuple[str, ...]
"""A value of an option; a tuple is a list (ListOpt) or a repeated option (MultiStrOpt)."""


@dataclass(frozen=True)
class Setting:
    """A value with its reason (`why`) and the place that sets it (`source`).

    `fixed` means that other parts of the cloud count on it, so that an operator's option cannot
    take its place; a Secret is always fixed, for gureum makes both of its ends. `also` are further
    settings of the same value, each with its reason; `instead_of` is what an operator's option won
    over.
    """

    value: Value
    why: str
    source: Source
    fixed: bool = False
    also: tuple[Setting, ...] = ()
    instead_of: Setting | None = None


@dataclass(frozen=True)
class Option:
    """A setting and its address: config file (by its name, `nova.conf`), section, option name.

    Two options of the same address with different values on one host are a conflict that stops the
    plan. An operator's own option (`override`) wins over a service's, unless that one is fixed.
    """

    file: str
    section: str
    name: str
    setting: Setting
    override: bool = False


@dataclass(frozen=True)
class ConfigFile:
    """A config file that a service owns on a host.

    `name` is its address in options and overrides (`nova.conf`), `path` where it lies. `schema` is
    the name of the release's option schema it is checked against (`nova`), or None for a file that
    is not checked. `format` picks the writer: `ini` (oslo.config and my.cnf), `paste` (PasteDeploy's,
    which takes a value as it stands and refers to no other option), `properties`
    (`key = value` without sections, as rabbitmq.conf) or `python` (Django's settings: the section
    "" holds the settings, any other is a dictionary, dots leading into it). `why` says
    what the file is for.
    """

    name: str
    path: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o640
    schema: str | None = None
    format: str = "ini"
    why: str = ""


@dataclass(frozen=True)
class ConfigTree:
    """All merged options of one host: file name -> section -> option name -> setting."""

    files: Mapping[str, Mapping[str, Mapping[str, Setting]]] = field(default_factory=dict)
