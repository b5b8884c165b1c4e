"""What the model expects at a key path: its keys, its choices, its type in words.

Messages about mistakes, the commented file of `gureum init` and the reference page are all made
from this, so they cannot tell of a key that the model does not have.
"""

from __future__ import annotations

import enum
from ipaddress import IPv4Address, IPv4Network
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from gureum.model.cloud import Cloud
from gureum.model.part import Part
from gureum.model.problem import KeyPath


def at(path: KeyPath) -> Any:
    """Return the annotation of the value at `path`, or None where the model has no such key."""
    here: Any = Cloud
    for key in path:
        here = _below(here, key)
        if here is None:
            return None
    return here


def part_at(path: KeyPath) -> type[Part] | None:
    """Return the model class whose keys stand at `path`, or None where it is no such place."""
    here = at(path)
    return here if isinstance(here, type) and issubclass(here, Part) else None


def field_at(path: KeyPath) -> FieldInfo | None:
    """Return the field whose name is the last key of `path`, or None where it is no field."""
    part = part_at(path[:-1])
    return part.model_fields.get(str(path[-1])) if part and path else None


def choices(annotation: Any) -> tuple[str, ...]:
    """Return the values that `annotation` allows where it allows only some, else nothing."""
    annotation = bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return tuple(str(member.value) for member in annotation)
    if get_origin(annotation) is Literal:
        return tuple(str(value) for value in get_args(annotation))
    return ()


def key_choices(path: KeyPath) -> tuple[str, ...]:
    """Return the keys that the mapping at `path` allows where it allows only some."""
    annotation = bare(at(path))
    return choices(get_args(annotation)[0]) if get_origin(annotation) is dict else ()


def in_words(annotation: Any) -> str:
    """Return what `annotation` wants, as the end of the sentence `… wants`."""
    annotation = bare(annotation)
    if allowed := choices(annotation):
        return allowed[0] if len(allowed) == 1 else f"one of {', '.join(allowed)}"
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return "keys and values below it"
    if get_origin(annotation) in (list, tuple):
        members = get_args(annotation)
        endless = Ellipsis in members or len(members) == 1
        count = "" if endless else f" of {len(members)}"
        return f"a list{count}, each of it {in_words(members[0])}"
    if {bare(member) for member in get_args(annotation)} == {int, str}:
        return "a number, or the first and the last of several as in 9000-9010"
    return _WORDS.get(get_origin(annotation) or annotation, "something else")


_WORDS: dict[Any, str] = {
    dict: "names with something below each",
    Union: "a text, a number, true or false, or a list of texts",
    UnionType: "a text, a number, true or false, or a list of texts",
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    IPv4Address: "an IPv4 address",
    IPv4Network: "a subnet such as 192.0.2.0/24",
}


def bare(annotation: Any) -> Any:
    """Return `annotation` without `Annotated[…]` and without `| None`."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        rest = [member for member in get_args(annotation) if member is not NoneType]
        if len(rest) == 1:
            return bare(rest[0])
    return annotation


def _below(annotation: Any, key: str | int) -> Any:
    annotation = bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Part):
        info = annotation.model_fields.get(str(key))
        return bare(info.annotation) if info else None
    members = get_args(annotation)
    origin = get_origin(annotation)
    if origin is dict and len(members) == 2:
        return bare(members[1])
    if origin in (tuple, list) and members:
        return bare(members[0])
    return None
