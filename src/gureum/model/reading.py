"""YAML text as plain data, with the line of every key and every mistake of the writing itself.

The text is read down to YAML's nodes and turned into values here, not by the YAML library: nodes
know their lines, show a key that stands twice, and keep `2026.10` from becoming the number 2026.1.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gureum.model import shape
from gureum.model.problem import KeyPath, spelt


@dataclass(frozen=True)
class Fault:
    """A mistake of the writing, on a line counted from 1 (None: the file as a whole)."""

    line: int | None
    summary: str
    detail: str = ""
    hint: str = ""


@dataclass
class Reading:
    """What a text holds: `data` (None where it cannot be read), `lines` by key path, `faults`."""

    data: dict[str, Any] | None = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line_of(self, path: KeyPath) -> int | None:
        """Return the line of the key at `path`, or of the nearest key above that is written."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None


def read(text: str, name: str) -> Reading:
    """Read YAML `text`; `name` is the file's, for hints that can be typed."""
    reading = Reading()
    text = text.removeprefix("\ufeff")
    text = _without_crlf(text, name, reading)
    tabbed, text = _without_tabs(text, reading)
    root = _compose(text, reading, report=not tabbed)
    if root is None:
        return reading
    if root.id != "mapping":
        reading.faults.append(
            Fault(
                root.start_mark.line + 1,
                f"a cloud is written as keys and values, and this is a {_KINDS[root.id]}",
                hint="gureum init writes a file to start from",
            )
        )
        return reading
    reading.data = _Walk(reading).mapping(root, ())
    return reading


_KINDS = {"scalar": "single text", "sequence": "list", "mapping": "mapping"}


def _without_crlf(text: str, name: str, reading: Reading) -> str:
    first = text.find("\r")
    if first >= 0:
        reading.faults.append(
            Fault(
                text.count("\n", 0, first) + 1,
                "the file has line ends of Windows (CRLF)",
                detail=f"{text.count(chr(13))} lines end so; config files made from it would break",
                hint=f"sed -i 's/\\r$//' {name}",
            )
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_tabs(text: str, reading: Reading) -> tuple[bool, str]:
    lines = text.split("\n")
    tabbed = False
    for number, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in indent and line.strip():
            tabbed = True
            lines[number] = indent.expandtabs(2) + line[len(indent) :]
            reading.faults.append(
                Fault(
                    number + 1,
                    "the line is indented by a tab",
                    detail="YAML allows only spaces there",
                    hint="use two spaces for each level",
                )
            )
    return tabbed, "\n".join(lines)


def _compose(text: str, reading: Reading, *, report: bool) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        with warnings.catch_warnings():
            # An anchor that is defined twice is odd, and YAML all the same.
            warnings.simplefilter("ignore")
            root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if report:
            reading.faults.append(
                Fault(
                    mark.line + 1 if mark else None,
                    f"this is not YAML: {error.problem or error.context}",
                    detail=_shown(text, mark) if mark else "",
                    hint="look at this line and the one above: a colon, a quote, a bracket or the "
                    "indentation is amiss",
                )
            )
        return None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reading.faults.append(
            Fault(line, "the line holds a character that no YAML file may hold", hint="delete it")
        )
        return None
    except YAMLError as error:
        reading.faults.append(Fault(None, f"this is not YAML: {error}", hint="gureum init"))
        return None
    if root is None:
        reading.faults.append(
            Fault(
                None,
                "the file is empty",
                hint="gureum init --force writes a commented one over it",
            )
        )
    return root


def _shown(text: str, mark: Any) -> str:
    lines = text.split("\n")
    if mark.line >= len(lines):
        return ""
    return f"{lines[mark.line]}\n{' ' * mark.column}^"


class _Walk:
    """Turns nodes into values; a key without a value counts as not given."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.open: list[int] = []

    def value(self, node: Any, path: KeyPath) -> Any:
        if id(node) in self.open:
            self.fault(node, f"{spelt(path)} contains itself", "write its values out")
            return None
        self.open.append(id(node))
        try:
            if node.id == "mapping":
                return self.mapping(node, path)
            if node.id == "sequence":
                return self.sequence(node, path)
            return _scalar(node, path)
        finally:
            self.open.pop()

    def sequence(self, node: Any, path: KeyPath) -> list[Any]:
        items = []
        for index, item in enumerate(node.value):
            self.reading.lines[(*path, index)] = item.start_mark.line + 1
            items.append(self.value(item, (*path, index)))
        return items

    def mapping(self, node: Any, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        seen: dict[str, int] = {}
        merged: dict[str, Any] = {}
        merge = "tag:yaml.org,2002:merge"
        for key_node, value_node in sorted(node.value, key=lambda pair: pair[0].tag != merge):
            line = key_node.start_mark.line + 1
            if key_node.tag == merge:
                merged |= dict(self.merged(value_node, path))
                continue
            if key_node.id != "scalar":
                self.fault(key_node, "a key must be one word", "write the key as plain text")
                continue
            key = str(key_node.value)
            if key in seen:
                self.reading.faults.append(
                    Fault(
                        line,
                        f"the key {spelt((*path, key))} stands twice",
                        detail=f"first on line {seen[key]}, again on line {line}",
                        hint="keep one of them",
                    )
                )
                continue
            seen[key] = line
            self.reading.lines[(*path, key)] = line
            value = self.value(value_node, (*path, key))
            if value is not None:
                values[key] = value
        return merged | values

    def merged(self, node: Any, path: KeyPath) -> Iterator[tuple[str, Any]]:
        """Yield what `<<: *anchor` brings in; keys that are written out win over it."""
        for source in reversed(node.value) if node.id == "sequence" else [node]:
            found = self.value(source, path)
            if isinstance(found, Mapping):
                yield from found.items()

    def fault(self, node: Any, summary: str, hint: str) -> None:
        self.reading.faults.append(Fault(node.start_mark.line + 1, summary, hint=hint))


def _scalar(node: Any, path: KeyPath) -> bool | int | float | str | None:
    """Return a plain value as YAML 1.2 reads it, except that a number which would not be written
    the same way again (`6.10`, `0640`) stays the text it is: it is a version or a file mode."""
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    text = str(node.value)
    if kind == "null":
        return None
    if kind not in ("bool", "int", "float") or shape.bare(shape.at(path)) is str:
        return text
    if kind == "bool":
        return text.lower() == "true"
    number: int | float
    try:
        number = int(text, 0) if kind == "int" else float(text)
    except ValueError:
        return text
    return text if kind == "float" and str(number) != text else number
