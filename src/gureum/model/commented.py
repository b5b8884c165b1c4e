"""A cloud as a commented cloud.yaml: every key with its meaning, what is not set commented out."""

from __future__ import annotations

import enum
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from gureum.model.cloud import Cloud, Host
from gureum.model.part import Part

WIDTH = 98
HEAD = """\
# What gureum is to build. A key that is commented out shows its default, or an example where it
# has none. `gureum plan` says what a change here would do; `gureum schema` helps your editor.
"""
ALWAYS_WRITTEN = {(Cloud, "name"), (Cloud, "release"), (Host, "connection")}
"""Keys that a reader looks for first; they are written out though they hold their defaults."""


def commented(cloud: Cloud) -> str:
    """Return the text of a cloud.yaml that loads to `cloud`."""
    return HEAD + "\n" + "\n".join(_part(cloud, 0))


def yaml(value: Any) -> str:
    """Return plain data as YAML on one line."""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, Part):
        value = value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{yaml(k)}: {yaml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(yaml(item) for item in value) + "]"
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return _text(str(value))


PLAIN = re.compile(r"[A-Za-z0-9_./][\w./@+-]*(:[\w./@+-]+)*( [\w./@+-]+)*", re.ASCII)
"""Texts that mean themselves in YAML, unless they look like a number or a word of YAML's."""


def _text(text: str) -> str:
    looks_like = text.lower() in ("true", "false", "null") or _is_number(text)
    return (
        text if PLAIN.fullmatch(text) and not looks_like else json.dumps(text, ensure_ascii=False)
    )


def _is_number(text: str) -> bool:
    for number in (float, lambda digits: int(digits, 0)):
        try:
            number(text)
        except ValueError:
            continue
        return True
    return False


def _part(part: Part, depth: int) -> Iterator[str]:
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        yield from _comment(info.description or "", depth)
        if isinstance(value, Part):
            yield f"{_pad(depth)}{name}:"
            yield from _part(value, depth + 1)
        elif name == "hosts":
            yield f"{_pad(depth)}hosts:"
            for host_name, host in value.items():
                yield f"{_pad(depth + 1)}{host_name}:"
                yield from _part(host, depth + 2)
        elif (type(part), name) in ALWAYS_WRITTEN or value != _default(info):
            yield from _key(name, value, _pad(depth))
        else:
            yield from _key(name, shown(info), f"{_pad(depth)}# ")
        if depth == 0:
            yield ""


def _key(name: str, value: Any, prefix: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{prefix}{name}:"
        for key, below in value.items():
            yield from _key(yaml(key), below, f"{prefix}  ")
    else:
        yield f"{prefix}{name}: {yaml(value)}"


def shown(info: FieldInfo) -> Any:
    """Return what stands for a field that is not set: its default, or an example if it has none."""
    default = _default(info)
    nothing = default is None or default in ((), {})
    return info.examples[0] if nothing and info.examples else default


def _default(info: FieldInfo) -> Any:
    return info.get_default(call_default_factory=True, validated_data={})


def _comment(text: str, depth: int) -> list[str]:
    room = WIDTH - 2 * depth - 2
    return [f"{_pad(depth)}# {line}" for line in textwrap.wrap(text, room)]


def _pad(depth: int) -> str:
    return "  " * depth
