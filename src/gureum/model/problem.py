"""A mistake in a cloud, filed under its key, before anybody knows which line that is."""

from __future__ import annotations

from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""The way to a key of cloud.yaml: `("hosts", "one", "roles", 0)`."""


@dataclass(frozen=True)
class Problem:
    """A mistake at the key `path`; `gureum.model.load` adds the file and the line."""

    path: KeyPath
    summary: str
    detail: str = ""
    hint: str = ""


def spelt(path: KeyPath) -> str:
    """Return a key path as a person writes it: `hosts.one.roles`, items counted from 1."""
    words = ""
    for key in path:
        if isinstance(key, int):
            words += f"[{key + 1}]"
        else:
            words += f".{key}" if words else key
    return words
