"""A disk image that a VM boots from, with what glance and a person who logs in need to know."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class GuestImage:
    """A disk image: its file, SHA-256 and size in bytes, format, glance properties, and login."""

    path: Path
    sha256: str
    size: int
    disk_format: str = "qcow2"
    properties: Mapping[str, str] = field(default_factory=dict)
    user: str = "root"
    name: str = "gureum-guest"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
