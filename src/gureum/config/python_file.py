"""Writes options as a Python file of settings, for programs that are configured so (Django)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from gureum.config.setting import Setting, Value
from gureum.diagnostics import Diagnostic
from gureum.errors import ConfigError
from gureum.state.secrets import Secret

_WIDTH = 100
_Tree = dict[str, "Setting | _Tree"]


def lines(sections: Mapping[str, Mapping[str, Setting]]) -> Iterator[str]:
    """Yield the file's lines: every setting with its reason above it.

    The section "" holds the settings themselves, `CACHES.default` what stands under `default` in
    the dictionary `CACHES`. Raises ConfigError where a dictionary is set as a whole and in parts.
    """
    tree: _Tree = {}
    for section in sorted(sections):
        for name, setting in sections[section].items():
            _put(tree, (*(section.split(".") if section else ()), name), setting)
    for name in sorted(tree):
        yield from _assigned(name, tree[name])


def _put(tree: _Tree, path: tuple[str, ...], setting: Setting) -> None:
    for key in path[:-1]:
        below = tree.setdefault(key, {})
        if not isinstance(below, dict):
            raise _conflict(".".join(path), setting, below)
        tree = below
    whole = tree.get(path[-1])
    if isinstance(whole, dict):
        raise _conflict(".".join(path), setting, whole)
    tree[path[-1]] = setting


def _conflict(where: str, one: Setting, other: Setting | _Tree) -> ConfigError:
    """Return the error for a dictionary of which one sets the whole and another a part."""
    while isinstance(other, dict):
        other = next(iter(other.values()))
    given = one if one.source.line is not None else other
    summary = f"{where} is set as a whole and in parts, by {one.source} and {other.source}"
    found = Diagnostic(
        summary,
        source=given.source,
        hint="set the parts: a section is a dictionary, e.g. CACHES.default",
    )
    return ConfigError("the configuration does not hold together", [found])


def _assigned(name: str, what: Setting | _Tree) -> Iterator[str]:
    if isinstance(what, Setting):
        yield from _why(what, "")
        yield f"{name} = {_spelt(what.value)}\n"
        return
    yield f"{name} = {{\n"
    yield from _items(what, "    ")
    yield "}\n"


def _items(tree: _Tree, indent: str) -> Iterator[str]:
    for name in sorted(tree):
        what = tree[name]
        if isinstance(what, Setting):
            yield from _why(what, indent)
            yield f"{indent}{name!r}: {_spelt(what.value)},\n"
        else:
            yield f"{indent}{name!r}: {{\n"
            yield from _items(what, f"{indent}    ")
            yield f"{indent}}},\n"


def _why(setting: Setting, indent: str) -> Iterator[str]:
    for one in (setting, *setting.also):
        text = f"{' '.join(one.why.split())} ({one.source})"
        for line in textwrap.wrap(text, _WIDTH - len(indent) - 2, break_long_words=False):
            yield f"{indent}# {line}\n"


def _spelt(value: Value) -> str:
    if isinstance(value, Secret):
        return repr(value.reveal())
    return repr(list(value) if isinstance(value, tuple) else value)
