"""Reads small text files of a host, such as those under /proc, that may go away at any moment."""

from __future__ import annotations


def text_of(path: str) -> str:
    """Return what a file holds, an empty text where it is not there or not ours to read."""
    try:
        with open(path, errors="replace") as source:
            return source.read()
    except OSError:
        return ""
