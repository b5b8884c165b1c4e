"""Says whether a bundle is what its manifest says, and holds all that this gureum needs of it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from gureum.bundle import wheels
from gureum.bundle.apt_root import ESSENTIAL, AptRoot
from gureum.bundle.create import PARTS
from gureum.bundle.manifest import INDEX, BundleFile, Kind, Manifest, digest_of, read
from gureum.bundle.needs import Needs
from gureum.bundle.python_lock import missing
from gureum.bundle.systems import system
from gureum.errors import BundleError


@dataclass(frozen=True)
class Finding:
    """Something wrong with a bundle: which file or package, and what of it."""

    subject: str
    what: str


@dataclass(frozen=True)
class Verified:
    """What a look at every file of a bundle found; `resolved` tells that apt tried it as well."""

    manifest: Manifest
    findings: tuple[Finding, ...]
    extra: tuple[str, ...]
    resolved: bool


def verify(folder: Path, needs: Needs | None = None) -> Verified:
    """Check every checksum, and that nothing is missing which hosts will ask for.

    `needs` are those of this gureum, whose locks and package lists may be newer than the bundle.
    Where apt is at hand it resolves every list from the bundle alone, on a bare system.
    """
    found = read(folder)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [
            finding for finding in pool.map(lambda f: _check(folder, f), found.files) if finding
        ]
    sound = not findings
    findings += _index(folder, found)
    if needs is not None:
        findings += lacking(found, needs)
    resolved = sound and shutil.which("apt-get") is not None
    if resolved:
        findings += _resolve(folder, found, needs)
    there = (p for part in PARTS for p in (folder / part).rglob("*") if p.is_file())
    names = (str(path.relative_to(folder)) for path in there)
    extra = tuple(sorted(name for name in names if name not in found.by_path))
    return Verified(found, tuple(findings), extra, resolved)


def lacking(manifest: Manifest, needs: Needs) -> Iterator[Finding]:
    """Yield what hosts of this gureum would ask for and the bundle does not have."""
    versions = manifest.versions(Kind.DEBIAN)
    for name in needs.packages:
        if name not in versions:
            yield Finding(name, "no such Debian package in the bundle")
    digests = [file.sha256 for file in manifest.of(Kind.WHEEL)]
    for entry in missing(wheels.everything(system(manifest.os), needs.release), digests):
        yield Finding(f"{entry.name} {entry.version}", "no file of it that the lock names")


def _check(folder: Path, file: BundleFile) -> Finding | None:
    path = folder / file.path
    try:
        size = path.stat().st_size
        if size != file.size:
            return Finding(file.path, f"altered: {size} bytes instead of {file.size}")
        if digest_of(path) != file.sha256:
            return Finding(file.path, "altered: its checksum is another")
    except FileNotFoundError:
        return Finding(file.path, "missing")
    except OSError as error:
        return Finding(file.path, f"cannot be read: {error.strerror}")
    return None


def _index(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    """Hold the repository's index against the manifest: apt trusts the one, gureum the other."""
    try:
        text = (folder / INDEX).read_text()
    except OSError:
        return
    names = re.findall(r"^Filename: \./(.+)$", text, re.MULTILINE)
    digests = re.findall(r"^SHA256: (\w+)$", text, re.MULTILINE)
    listed = {f"debian/{name}": digest for name, digest in zip(names, digests, strict=False)}
    for file in manifest.of(Kind.DEBIAN):
        if listed.get(file.path) != file.sha256:
            yield Finding(file.path, f"{INDEX} does not name it with its checksum")


def _resolve(folder: Path, manifest: Manifest, needs: Needs | None) -> Iterator[Finding]:
    lists = needs.lists if needs is not None else (manifest.packages,)
    there = manifest.versions(Kind.DEBIAN)
    with tempfile.TemporaryDirectory(prefix="gureum-bundle-") as place:
        apt = AptRoot(Path(place), system(manifest.os), own_source(folder))
        try:
            apt.prepare()
            apt.update()
            for names in lists:
                apt.resolve([*(name for name in names if name in there), *ESSENTIAL])
        except BundleError as error:
            yield Finding("the Debian packages", f"{error.summary}: {error.detail}")


def own_source(folder: Path) -> str:
    """Return apt's source of a bundle in a folder of this machine.

    It needs no signature: whoever uses it has held the index against the manifest.
    """
    return f"deb [trusted=yes] copy:{folder.resolve()}/debian ./\n"
