"""Sets and removes keys in the text of a cloud.yaml and leaves every other character as its author wrote it.

The YAML library would write the whole file anew, in its own spacing. Its nodes know where they
stand, so only what is set is put into the text, and the result is read back as the proof.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from gureum.model import reading
from gureum.model.commented import yaml
from gureum.model.problem import KeyPath, spelt

_INDENT = re.compile(r"^( +)[^\s#-]", re.MULTILINE)
_BOM = "\ufeff"


def edited(text: str, values: Mapping[KeyPath, Any]) -> str:
    """Return `text` with the value at each path set.

    Missing keys are made where their mapping ends; comments, order, quotes and blank lines stay.
    Raises ValueError with a sentence where a path leads through an alias, or through what holds no
    keys: a person has to decide there.
    """
    mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    wanted: Any = copy.deepcopy(reading.read(text, "").data or {})
    for path, value in values.items():
        text = _set(text, path, value)
        here = wanted
        for key in path[:-1]:
            here = here.setdefault(key, {})
        here[path[-1]] = list(value) if isinstance(value, (tuple, list)) else value
    found = reading.read(text, "")
    if found.faults or not _same(found.data, wanted):
        raise ValueError(f"{spelt(next(iter(values)))} is written in a way that cannot be edited")
    return mark + text


def without(text: str, path: KeyPath) -> str:
    """Return `text` without the key at `path` and all below it; every other character stays.

    A comment beside or inside of what goes, goes with it. Raises KeyError where there is no such
    key, ValueError with a sentence where a person has to decide.
    """
    mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    wanted: Any = copy.deepcopy(reading.read(text, "").data or {})
    holder = wanted
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    text = _cut(text, path)
    found = reading.read(text, "")
    if found.faults or not _same(found.data, wanted):
        raise ValueError(f"{spelt(path)} is written in a way that cannot be taken out")
    return mark + text


def _cut(text: str, path: KeyPath) -> str:
    mapping = _compose(text)
    for key in path[:-1]:
        mapping = next(v for k, v in mapping.value if k.value == key)
    place = next(i for i, (k, _) in enumerate(mapping.value) if k.value == path[-1])
    key, value = mapping.value[place]
    if mapping.flow_style:
        # With the comma before it; of the first, with the one behind it.
        if place:
            start, end = _end(text, mapping.value[place - 1][1]), _end(text, value)
        else:
            start = key.start_mark.index
            rest = mapping.value[1:]
            end = rest[0][0].start_mark.index if rest else _end(text, value)
        return text[:start] + text[end:]
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    end = max(_line_end(text, _end(text, value) or 0), _line_end(text, key.end_mark.index))
    return text[:start] + text[_past_comments(text, end, key.start_mark.column + 1) :]


def _same(found: Any, wanted: Any) -> bool:
    """Compare as config files spell values: a quoted number says the same as a bare one."""
    if isinstance(wanted, Mapping):
        return (
            isinstance(found, Mapping)
            and found.keys() == wanted.keys()
            and all(_same(found[key], wanted[key]) for key in wanted)
        )
    if isinstance(wanted, list):
        return bool(found == wanted)
    said, meant = yaml(found).strip('"'), yaml(wanted).strip('"')
    return said == meant


def _set(text: str, path: KeyPath, value: Any) -> str:
    root = _compose(text)
    mapping, depth = root, 0
    while True:
        if mapping is None or mapping.id != "mapping":
            raise ValueError(f"{spelt(path[:depth])} holds no keys")
        entry = next(((k, v) for k, v in mapping.value if k.value == path[depth]), None)
        if entry is None:
            return _insert(text, root, mapping, path[depth:], value)
        key, node = entry
        if node.start_mark.index < key.start_mark.index:
            raise ValueError(f"{spelt(path[: depth + 1])} stands for another place (an alias)")
        depth += 1
        bare = node.id == "mapping" and not node.value and not mapping.flow_style
        empty = bare or (node.id == "scalar" and node.tag.endswith(":null"))
        if depth == len(path):
            return _replace(text, node, _scalar(value, None if empty else node))
        if empty:
            if mapping.flow_style:
                raise ValueError(f"{spelt(path[:depth])} has no value, inside of braces")
            return _fill(text, (key, node), path[depth:], value)
        mapping = node


def _compose(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).compose(text)


def _replace(text: str, node: Any, written: str) -> str:
    start, end = node.start_mark.index, _end(text, node)
    if node.id != "scalar" and not node.flow_style:
        # A list of several lines begins below its key; one value stands beside it.
        start = text.rindex(":", 0, start) + 1
    space = "" if text[start - 1 : start] in (" ", "\n", "[", "{") else " "
    return text[:start] + space + written + text[end:]


def _insert(text: str, root: Any, mapping: Any, path: KeyPath, value: Any) -> str:
    """Put a new key at the end of a mapping."""
    if mapping.flow_style:
        end = mapping.end_mark.index - 1
        comma = ", " if mapping.value else ""
        return f"{text[:end].rstrip()}{comma}{_flow(path, value)}{text[end:]}"
    column = mapping.value[0][0].start_mark.column
    lines = _block(path, value, column, _step(text))
    if mapping is root:
        # Top-level keys go to the file's end, as far apart as the others are.
        apart = "\n" if re.search(r"\n\n\S", text) else ""
        return text.rstrip("\n") + "\n" + apart + lines
    at = _line_end(text, _end(text, mapping.value[-1][1]) or 0)
    at = max(at, _line_end(text, mapping.value[-1][0].end_mark.index))
    at = _past_comments(text, at, column)
    before = text[:at] if text[:at].endswith("\n") else text[:at] + "\n"
    return before + lines + text[at:]


def _fill(text: str, entry: tuple[Any, Any], path: KeyPath, value: Any) -> str:
    """Put keys below one that stands there without a value."""
    key, node = entry
    if node.end_mark.index > node.start_mark.index:
        text = text[: node.start_mark.index].rstrip() + text[node.end_mark.index :]
    at = _line_end(text, key.end_mark.index)
    column = key.start_mark.column + _step(text)
    before = text[:at] if text[:at].endswith("\n") else text[:at] + "\n"
    return before + _block(path, value, column, _step(text)) + text[at:]


def _end(text: str, node: Any) -> int:
    """Return where a node's own text ends; the library counts what follows to blocks."""
    if node.id == "scalar" or node.flow_style:
        start, end = node.start_mark.index, node.end_mark.index
        return int(start + len(text[start:end].rstrip()))
    last = node.value[-1]
    if node.id == "mapping":
        key, value = last
        return max(int(key.end_mark.index), _end(text, value))
    return _end(text, last)


def _line_end(text: str, at: int) -> int:
    """Return the index behind the line that holds `at`."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _past_comments(text: str, at: int, column: int) -> int:
    """Return the index behind comments that stand as deep as the keys before them."""
    while True:
        end = _line_end(text, at)
        line = text[at:end]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) < column:
            return at
        at = end


def _step(text: str) -> int:
    match = _INDENT.search(text)
    return len(match[1]) if match else 2


def _block(path: KeyPath, value: Any, column: int, step: int) -> str:
    lines = [
        f"{' ' * (column + step * depth)}{yaml(key)}:\n" for depth, key in enumerate(path[:-1])
    ]
    pad = " " * (column + step * (len(path) - 1))
    return "".join([*lines, f"{pad}{yaml(path[-1])}: {_scalar(value, None)}\n"])


def _flow(path: KeyPath, value: Any) -> str:
    below = _scalar(value, None) if len(path) == 1 else f"{{{_flow(path[1:], value)}}}"
    return f"{yaml(path[0])}: {below}"


def _scalar(value: Any, before: Any) -> str:
    """Return a value as YAML, in the quotes that the one before it had."""
    style = before.style if before is not None and before.id == "scalar" else None
    if style in ("'", '"') and not isinstance(value, (list, tuple)):
        plain = value if isinstance(value, str) else yaml(value)
        return (
            json.dumps(plain, ensure_ascii=False)
            if style == '"'
            else "'{}'".format(plain.replace("'", "''"))
        )
    return yaml(value)
