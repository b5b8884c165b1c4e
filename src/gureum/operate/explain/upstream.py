"""What the release says of an option, and what a value for it may look like."""

from __future__ import annotations

import re
from typing import Any

from gureum.config.text import plain
from gureum.config.values import article, complaint
from gureum.operate.explain.answer import Upstream
from gureum.releases import OptionSchema


def upstream(option: OptionSchema) -> Upstream:
    """Return what the release's own services declare of the option."""
    return Upstream(
        help=option.help.strip(),
        default=option.default,
        takes=takes(option),
        type=option.type.kind,
        choices=tuple(option.choices),
        minimum=option.minimum,
        maximum=option.maximum,
        required=option.required,
        advanced=option.advanced,
        reloadable=option.mutable,
        old_names=tuple(f"[{section}] {name}" for section, name in option.deprecated),
        deprecated=option.removal,
        deprecated_since=str(option.removal_since or ""),
        deprecated_because=" ".join((option.removal_reason or "").split()),
    )


def takes(option: OptionSchema) -> str:
    """Return what values the option takes, in words."""
    words = article(option.type)
    return f"{words}, and may be repeated" if option.multi else words


def default_text(option: OptionSchema) -> str:
    """Return the default as a config file would spell it; an empty text where there is none."""
    return spelt(option.default)


def spelt(value: Any) -> str:
    """Return a default of a schema as a config file would spell it."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    if isinstance(value, dict):
        return ",".join(f"{key}:{item}" for key, item in value.items())
    return plain(value) if isinstance(value, (bool, int, float, str)) else str(value)


def sample(option: OptionSchema) -> Any:
    """Return a value that the option takes, to show how one is written; the default if there is one."""
    likely = {"int": 1, "float": 1.0, "bool": True}.get(option.type.kind, "VALUE")
    others = [option.minimum, "192.0.2.10", "https://example.org/", "name:value", "1-5"]
    for candidate in (option.default, *option.choices, likely, *others):
        if candidate in (None, "", [], {}) or re.search(r"[<$]", str(candidate)):
            # "<num_of_cpus>" stands for what upstream works out as it starts.
            continue
        value = tuple(map(str, candidate)) if isinstance(candidate, list) else candidate
        if isinstance(value, dict):
            value = spelt(value)
        if not complaint(option, value):
            return list(value) if isinstance(value, tuple) else value
    return "VALUE"
