"""Reads a lock with hashes: which packages it names for one system, and by which files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gureum.bundle.systems import System

_ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>.*?))?\s*\\?$"
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Locked:
    """One package of a lock: its version, and the SHA-256 of each file that may serve for it."""

    name: str
    version: str
    hashes: frozenset[str]

    @property
    def requirement(self) -> str:
        """The entry as a line of a requirements file."""
        return " ".join(
            (f"{self.name}=={self.version}", *(f"--hash=sha256:{h}" for h in sorted(self.hashes)))
        )


def locked(text: str, system: System) -> Iterator[Locked]:
    """Yield the packages that a lock names for a system, judged by their markers."""
    from packaging.markers import Marker

    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        head, _, rest = block.partition("\n")
        found = _ENTRY.match(head)
        if found is None:
            continue
        marker = found["marker"]
        if marker and not Marker(marker).evaluate(dict(system.markers)):
            continue
        yield Locked(found["name"], found["version"], frozenset(_HASH.findall(rest)))


def missing(wanted: Iterable[Locked], digests: Iterable[str]) -> list[Locked]:
    """Return the packages of a lock for which none of the files with these digests serves."""
    there = set(digests)
    return [entry for entry in wanted if not entry.hashes & there]


def project_of(path: Path) -> tuple[str, str]:
    """Return the normalised name and the version that a wheel's or source archive's name tells."""
    if path.suffix == ".whl":
        name, version = path.name.split("-")[:2]
    else:
        stem = re.sub(r"\.(tar\.(gz|bz2|xz)|zip)$", "", path.name)
        name, _, version = stem.rpartition("-")
    return re.sub(r"[-_.]+", "-", name).lower(), version


def hashes_of(text: str) -> frozenset[str]:
    """Return the SHA-256 of every file that a lock names."""
    return frozenset(_HASH.findall(text))
