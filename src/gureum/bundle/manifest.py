"""What a bundle says of itself: every file with its checksum, and what all of it is for.

The manifest is the root of trust. The index of Debian packages is named here by its checksum, and
names every package by its own; wheels are checked once more against the lock of the release, which
gureum carries. So one digest, that of the manifest, stands for all that hosts will install.
"""

from __future__ import annotations

import enum
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from gureum.errors import BundleError

NAME = "bundle.json"
FORMAT = 1
INDEX = "debian/Packages"
PAGE = "wheels/index.html"
GUEST = "images/guest.json"
CHUNK = 2**20


class Kind(enum.StrEnum):
    """What a file of a bundle is."""

    DEBIAN = "debian"
    WHEEL = "wheel"
    IMAGE = "image"
    INDEX = "index"


@dataclass(frozen=True, order=True)
class BundleFile:
    """One file: its path in the bundle, its checksum and size, and whose version it holds."""

    path: str
    sha256: str
    size: int
    kind: Kind
    name: str = ""
    version: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a bundle is for, and all that it holds.

    `packages` are the Debian packages that were asked for; what they need came along. `lock` and
    `uv_lock` are the digests of the release's locks that the wheels were chosen by. `created` is
    the moment of the last change, in UTC as ISO 8601 has it.
    """

    release: str
    os: str
    codename: str
    architecture: str
    python: str
    created: str
    made_by: str
    packages: tuple[str, ...]
    lock: str
    uv_lock: str
    files: tuple[BundleFile, ...]

    @cached_property
    def by_path(self) -> dict[str, BundleFile]:
        """The files by path."""
        return {file.path: file for file in self.files}

    def of(self, kind: Kind) -> tuple[BundleFile, ...]:
        """Return the files of one kind."""
        return tuple(file for file in self.files if file.kind is kind)

    def versions(self, kind: Kind) -> dict[str, str]:
        """Return name -> version of the files of one kind."""
        return {file.name: file.version for file in self.of(kind)}

    @property
    def size(self) -> int:
        """The bytes of all files together."""
        return sum(file.size for file in self.files)

    @cached_property
    def text(self) -> str:
        """The manifest as it is written."""
        data = asdict(self) | {"format": FORMAT}
        data["files"] = [{k: v for k, v in asdict(f).items() if v != ""} for f in self.files]
        return json.dumps(data, indent=1, sort_keys=True) + "\n"

    @property
    def digest(self) -> str:
        """The SHA-256 of the manifest's text, which stands for the whole bundle."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def parse(text: str, where: str) -> Manifest:
    """Return the manifest that `text` holds; raises BundleError named after `where` it came from."""
    try:
        data: dict[str, Any] = json.loads(text)
        found = data.pop("format", None)
        if found != FORMAT:
            raise BundleError(
                f"{where} is a bundle of another kind: format {found!r}",
                detail=f"this gureum reads format {FORMAT}",
                hint="take the gureum that made it, or make it anew: gureum bundle create",
            )
        files = tuple(BundleFile(**{**f, "kind": Kind(f["kind"])}) for f in data.pop("files"))
        packages = tuple(data.pop("packages"))
        return Manifest(**data, packages=packages, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(
            f"{where} holds no manifest that can be read",
            detail=f"{NAME}: {type(error).__name__}: {error}",
            hint="gureum bundle create FOLDER makes it anew from what is there",
        ) from None


def read(folder: Path) -> Manifest:
    """Return the manifest of the bundle in a folder; raises BundleError where there is none."""
    try:
        text = (folder / NAME).read_text()
    except (FileNotFoundError, NotADirectoryError):
        raise _no_bundle(folder) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(
            f"{folder / NAME} cannot be read: {error}", hint=f"ls -l {folder}"
        ) from None
    return parse(text, str(folder))


def read_if_any(folder: Path) -> Manifest | None:
    """Return the manifest of a folder, None where there is no sound one."""
    try:
        return read(folder)
    except BundleError:
        return None


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest in one move: a bundle changes from whole to whole."""
    new = folder / f".{NAME}.new"
    with new.open("w") as out:
        out.write(manifest.text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(folder / NAME)


def digest_of(path: Path) -> str:
    """Return a file's SHA-256."""
    found = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def total(files: Iterable[BundleFile]) -> int:
    """Return the bytes of some files."""
    return sum(file.size for file in files)


def _no_bundle(folder: Path) -> BundleError:
    if folder.is_file():
        return BundleError(
            f"{folder} is a file, not a bundle's folder",
            hint=f"unpack it first: tar -xf {folder}",
        )
    if (folder / "debian").is_dir() or (folder / "wheels").is_dir():
        return BundleError(
            f"the bundle in {folder} is not whole: the command that makes it did not end",
            hint=f"gureum bundle create {folder} goes on where it stopped",
        )
    return BundleError(f"there is no bundle in {folder}", hint=f"gureum bundle create {folder}")
