"""Reads a Python file of settings without running it: what `python_file` writes, and edits of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from gureum.config.text import plain


@dataclass(frozen=True)
class Found:
    """A setting: its line, the dictionary it stands in (`CACHES.default`), its name and value."""

    line: int
    section: str
    name: str
    value: str


def settings(text: str) -> Iterator[Found]:
    """Yield every setting that is assigned; raises SyntaxError for what is no Python.

    A value that only running the file could tell is given as it is written.
    """
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield from _setting("", target.id, statement.value, statement.lineno)


def _setting(section: str, name: str, node: ast.expr, line: int) -> Iterator[Found]:
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        inside = f"{section}.{name}" if section else name
        for key, value in zip(node.keys, node.values, strict=True):
            assert isinstance(key, ast.Constant)
            yield from _setting(inside, str(key.value), value, key.lineno)
        return
    yield Found(line, section, name, _value(node))


def _value(node: ast.expr) -> str:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return plain(tuple(value))
    return plain(value) if isinstance(value, (bool, int, float, str)) else repr(value)
