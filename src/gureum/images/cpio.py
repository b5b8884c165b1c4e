"""Writes an initramfs: a cpio archive in the `newc` format, which the kernel unpacks at boot.

The same tree always gives the same bytes (no times, no owners of this machine), and no root is
needed for device nodes.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One file, folder (no data) or symbolic link (data is its target) of the archive."""

    path: str
    mode: int
    data: bytes = b""
    device: tuple[int, int] = (0, 0)


def folder(path: str, permissions: int = 0o755) -> Entry:
    """Return a folder."""
    return Entry(path, stat.S_IFDIR | permissions)


def file(path: str, data: bytes, permissions: int = 0o644) -> Entry:
    """Return a regular file."""
    return Entry(path, stat.S_IFREG | permissions, data)


def link(path: str, target: str) -> Entry:
    """Return a symbolic link to `target`."""
    return Entry(path, stat.S_IFLNK | 0o777, target.encode())


def character_device(path: str, major: int, minor: int, permissions: int = 0o600) -> Entry:
    """Return a character device, such as the console that the first process writes to."""
    return Entry(path, stat.S_IFCHR | permissions, device=(major, minor))


def archive(entries: Iterable[Entry]) -> bytes:
    """Return the archive, with every missing parent folder added before its first child."""
    out = bytearray()
    known = {""}
    number = 0
    for entry in entries:
        for parent in _parents(entry.path):
            if parent not in known:
                known.add(parent)
                number += 1
                out += _record(folder(parent), number)
        known.add(entry.path)
        number += 1
        out += _record(entry, number)
    out += _record(Entry("TRAILER!!!", 0), 0)
    return bytes(out) + bytes(-len(out) % 512)


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def _record(entry: Entry, number: int) -> bytes:
    name = entry.path.encode() + b"\0"
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    fields = (
        number,
        entry.mode,
        0,
        0,
        links,
        0,
        len(entry.data),
        0,
        0,
        *entry.device,
        len(name),
        0,
    )
    head = b"070701" + b"".join(b"%08X" % value for value in fields) + name
    return head + bytes(-len(head) % 4) + entry.data + bytes(-len(entry.data) % 4)
