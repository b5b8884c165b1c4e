"""pydantic's findings in words of the cloud: what is wrong, what is allowed, what is meant."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from gureum.diagnostics import did_you_mean
from gureum.model import shape
from gureum.model.problem import KeyPath, Problem, spelt


def problems(error: ValidationError, written: Collection[KeyPath]) -> list[Problem]:
    """Return one problem for each key that `error` complains of; `written` are the keys there are.

    A value that may be of several types gets a complaint of each type from pydantic; the person
    who wrote it made one mistake.
    """
    found: dict[KeyPath, Problem] = {}
    for entry in error.errors(include_url=False):
        path = _written_part(entry["loc"], written)
        if path not in found:
            found[path] = _problem(path, entry)
        elif entry["type"] == "missing":
            missing = _problem(path, entry)
            first = found[path]
            if missing.summary not in first.summary:
                found[path] = Problem(
                    path, f"{first.summary}; {missing.summary}", first.detail, first.hint
                )
    return list(found.values())


def _written_part(location: tuple[str | int, ...], written: Collection[KeyPath]) -> KeyPath:
    """Cut pydantic's own words (`[key]`, a type's name) from the end of a location."""
    for end in range(len(location), 0, -1):
        if location[:end] in written:
            return location[:end]
    return ()


def _problem(path: KeyPath, entry: Any) -> Problem:
    kind: str = entry["type"]
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind == "missing":
        return _missing(path, entry["loc"])
    if entry["loc"][-1] == "[key]":
        return _wrong_name(path, path[-1], shape.key_choices(path[:-1]))
    if kind == "string_too_short":
        return Problem(path, f"{spelt(path)} is empty", "it wants a text", _example(path))
    if kind.startswith("string_") and kind != "string_type":
        return _wrong_name(path, entry["input"], ())
    return _wrong_value(path, entry)


def _wrong_value(path: KeyPath, entry: Any) -> Problem:
    kind: str = entry["type"]
    value = entry["input"]
    wants = shape.in_words(shape.at(path))
    if allowed := shape.choices(shape.at(path)):
        said = f"{spelt(path)} cannot be {_shown(value)}"
        return Problem(path, said, f"it is {wants}", did_you_mean(str(value), allowed))
    if kind in ("too_short", "too_long"):
        said = f"{spelt(path)} holds {_count(len(value))}"
        return Problem(path, said, f"it wants {wants}", _example(path))
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = next(iter(entry["ctx"].values()))
        side = "smaller" if kind.startswith("greater") else "larger"
        return Problem(path, f"{spelt(path)} is {value}, and cannot be {side} than {limit}")
    hint = _nearest_network(value)
    part = shape.part_at(path)
    if part is not None and isinstance(value, str):
        keys = [name for name, info in part.model_fields.items() if info.is_required()]
        hint = f"write it as {{{', '.join(f'{key}: …' for key in keys)}}}" if keys else ""
    if wants.startswith("a list") and isinstance(value, (str, int)):
        hint = f"write it in brackets: [{value}]"
    return Problem(path, f"{spelt(path)} wants {wants}, not {_shown(value)}", hint=hint)


def _missing(path: KeyPath, location: KeyPath) -> Problem:
    whole = (*path, *location[len(path) :])
    wants = shape.in_words(shape.at(whole))
    return Problem(path, f"{spelt(whole)} is missing", f"it wants {wants}", _example(whole))


def _wrong_name(path: KeyPath, name: object, allowed: tuple[str, ...]) -> Problem:
    if allowed:
        known = ", ".join(allowed)
        said = f"{spelt(path[:-1])} has no key {_shown(name)}"
        return Problem(path, said, f"its keys are {known}", did_you_mean(str(name), allowed))
    return Problem(
        path,
        f"{_shown(name)} cannot be a name",
        "a name is lower-case letters, digits and hyphens, begins with a letter, does not end "
        "in a hyphen, and is at most 32 long",
        _proper_name(name),
    )


def _unknown_key(path: KeyPath) -> Problem:
    part = shape.part_at(path[:-1])
    known = list(part.model_fields) if part else []
    where = spelt(path[:-1]) or "the cloud"
    key = str(path[-1])
    return Problem(
        path,
        f"{where} has no key {key!r}",
        f"its keys are {', '.join(known)}",
        did_you_mean(key, known) or _lives_elsewhere(key) or f"delete the key {key!r}",
    )


def _lives_elsewhere(key: str) -> str:
    """Name the places where a key of this name does exist, for one written a level off."""
    places = [spelt(path) for path in _every_field(()) if path[-1] == key]
    return f"there is {' and '.join(places)}: move it there" if places else ""


def _every_field(below: KeyPath) -> Iterator[KeyPath]:
    part = shape.part_at(below)
    for name in part.model_fields if part else ():
        yield (*below, name)
        yield from _every_field((*below, name))
    if below == ("hosts",):
        yield from _every_field((*below, "NAME"))


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "keys below it" if value else "nothing"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _proper_name(value: object) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in str(value).lower())
    kept = kept.strip("-")[:32].strip("-")
    return f"call it {kept!r}" if kept[:1].isalpha() else "choose another name"


def _nearest_network(value: object) -> str:
    """Return the subnet that was meant where only the host bits of one are set."""
    if not isinstance(value, str) or "/" not in value:
        return ""
    try:
        return f"did you mean {str(ipaddress.IPv4Network(value, strict=False))!r}?"
    except ValueError:
        return ""


_EXAMPLES = {
    "hosts": "gureum init writes a file with one host",
    "roles": "e.g. roles: [controller, network, compute]",
    "pool": "e.g. pool: [203.0.113.100, 203.0.113.250]",
    "rule": 'e.g. rule: "rule:admin_only or role:member"',
    "why": "say in a sentence what it is for, to whoever reads it later",
}


def _example(path: KeyPath) -> str:
    named = [key for key in path if isinstance(key, str)]
    return _EXAMPLES.get(named[-1], "") if named else ""


def _count(entries: int) -> str:
    return "nothing" if not entries else "one entry" if entries == 1 else f"{entries} entries"
