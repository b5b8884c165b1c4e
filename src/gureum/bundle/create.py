"""`gureum bundle create`, read from top to bottom."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gureum import __version__
from gureum.bundle import debs, manifest, wheels
from gureum.bundle.apt_root import no_space
from gureum.bundle.manifest import GUEST, INDEX, PAGE, BundleFile, Kind, Manifest
from gureum.bundle.needs import Needs
from gureum.bundle.systems import ARCHITECTURE, System
from gureum.errors import BundleError
from gureum.images.guest_image import GuestImage

PARTS = ("debian", "wheels", "images")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Created:
    """A bundle that is whole, the one that was there before, and the seconds that it took."""

    folder: Path
    manifest: Manifest
    before: Manifest | None
    seconds: float


def create(
    folder: Path,
    work: Path,
    system: System,
    needs: Needs,
    *,
    guest: Callable[[], GuestImage],
    say: Say,
) -> Created:
    """Gather all that `needs` calls for into `folder`, or bring what is there up to date.

    A file is fetched once: cut off at any point, the next run goes on. Until the manifest is written
    at the end, an older bundle in the folder stays whole. `work` is apt's own folder.
    """
    began = time.monotonic()
    with _alone(folder, work):
        before = _before(folder, system, needs)
        try:
            files = _gathered(folder, work, system, needs, guest=guest, say=say)
            made = _manifest(system, needs, files, before)
            if before is None or made.text != before.text:
                manifest.write(folder, made)
        except OSError as error:
            if error.errno == 28:
                raise no_space(folder) from None
            raise BundleError(
                f"the bundle cannot be written: {error}", hint=f"ls -ld {folder}"
            ) from None
        _clear(folder, made)
    return Created(folder, made, before, time.monotonic() - began)


def _gathered(
    folder: Path,
    work: Path,
    system: System,
    needs: Needs,
    *,
    guest: Callable[[], GuestImage],
    say: Say,
) -> tuple[BundleFile, ...]:
    packages = debs.gather(folder, work, system, needs, say)
    python = wheels.gather(folder, system, needs.release, say)
    images = list(_guest(folder, guest()))
    texts = debs.index(work, system, packages) | {PAGE: wheels.page(python)}
    if _is(folder / INDEX, texts[INDEX]):
        # The Release file bears a date: a repository that did not change keeps its own.
        texts[debs.RELEASE] = (folder / debs.RELEASE).read_text()
    indexes = [_write(folder, path, text, Kind.INDEX) for path, text in texts.items()]
    return tuple(sorted((*packages, *python, *images, *indexes)))


def _guest(folder: Path, image: GuestImage) -> Iterator[BundleFile]:
    """Yield the guest image's file and its note, so that a closed cloud can be proven as well."""
    path = f"images/{image.path.name}"
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_file() or manifest.digest_of(target) != image.sha256:
        new = target.with_name(f".{target.name}.new")
        shutil.copyfile(image.path, new)
        new.replace(target)
    yield BundleFile(path, image.sha256, image.size, Kind.IMAGE, "guest")
    note = {
        "path": path,
        "disk_format": image.disk_format,
        "properties": dict(image.properties),
        "user": image.user,
    }
    yield _write(folder, GUEST, json.dumps(note, indent=1, sort_keys=True) + "\n", Kind.INDEX)


def _manifest(
    system: System, needs: Needs, files: tuple[BundleFile, ...], before: Manifest | None
) -> Manifest:
    def made(at: str) -> Manifest:
        return Manifest(
            release=needs.release.name,
            os=system.name,
            codename=system.codename,
            architecture=ARCHITECTURE,
            python=system.python,
            created=at,
            made_by=f"gureum {__version__}",
            packages=needs.packages,
            lock=_digest(needs.release.lock),
            uv_lock=_digest(needs.release.uv_lock),
            files=files,
        )

    same = before is not None and made(before.created).text == before.text
    return made(
        before.created if same and before else datetime.now(UTC).isoformat(timespec="seconds")
    )


def _before(folder: Path, system: System, needs: Needs) -> Manifest | None:
    before = manifest.read_if_any(folder)
    if before is None:
        return None
    there, wanted = (before.release, before.os), (needs.release.name, system.name)
    if there != wanted:
        raise BundleError(
            f"{folder} holds the bundle of release {there[0]} for {there[1]}",
            detail=f"one of release {wanted[0]} for {wanted[1]} is asked for",
            hint=f"gureum bundle create --release {wanted[0]} --os {wanted[1]} ANOTHER-FOLDER",
        )
    return before


def _clear(folder: Path, made: Manifest) -> None:
    """Remove what is no part of the bundle any more."""
    for part in PARTS:
        for path in (folder / part).rglob("*"):
            if path.is_file() and str(path.relative_to(folder)) not in made.by_path:
                path.unlink()


def _write(folder: Path, path: str, text: str, kind: Kind) -> BundleFile:
    target = folder / path
    if not _is(target, text):
        new = target.with_name(f".{target.name}.new")
        new.write_text(text)
        new.replace(target)
    return BundleFile(path, _digest(text), len(text.encode()), kind)


def _is(path: Path, text: str) -> bool:
    try:
        return path.read_text() == text
    except OSError:
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _alone(folder: Path, work: Path) -> Iterator[None]:
    """Hold the folder and apt's own one; another run at the same time is told, not damaged."""
    handles = []
    try:
        for place in (folder, work):
            try:
                place.mkdir(parents=True, exist_ok=True)
                handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            except OSError as error:
                raise BundleError(
                    f"{place} cannot be a bundle's folder: {error.strerror}", hint=f"ls -ld {place}"
                ) from None
            handles.append(handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BundleError(
                    "another gureum bundle create is at work",
                    detail=f"it holds {place}",
                    hint="wait for its end, then run the same command again",
                ) from None
        yield
    finally:
        for handle in handles:
            os.close(handle)


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return (name, version before, version after) of what differs; "" where there is none."""
    names = sorted({*before, *after})
    found = [(name, before.get(name, ""), after.get(name, "")) for name in names]
    return [change for change in found if change[1] != change[2]]
