"""Bounds the images that the cache keeps: old ones go when a new one is frozen (R-LAB-1).

A changed package list or lock makes a new image of 1.3 GB beside the old one, which nobody asks for
again. An image stays while a lab stands on it, wherever that lab's folder is: each lab leaves its
mark in the images that its hosts were made from.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gureum.errors import LabError
from gureum.lab import building, locks
from gureum.lab.image import RECORD, Image
from gureum.lab.record import Record

MARKS = "labs"
"""The folder of an image that holds a file for each lab that stands on it."""
SIZE = "size"
"""A file that keeps what was counted once: reading 50,000 inodes takes seconds."""
GOING = ".going"
"""How folders end that have lost their name and are being deleted."""
FRESH = 3600.0
"""Seconds in which an image counts as used: a run that was given it may not have made hosts yet."""


@dataclass(frozen=True)
class Limits:
    """How long an unused image is kept, and how much all of them may take."""

    days: int = 30
    gb: int = 30


@dataclass(frozen=True)
class Kept:
    """An image in the cache."""

    image: Image
    folder: Path
    size: int
    """In bytes, without the layers of others below it."""
    used: float
    """When a run last asked for it, in seconds since 1970."""
    labs: tuple[str, ...]
    """The folders of labs that stand on it."""
    whole: bool = True
    """Whether every layer of it is there; without one of them it serves nobody."""

    def holds(self, layer: Path) -> bool:
        """Tell whether a layer lies in this image's own folder."""
        return layer.is_relative_to(self.folder)

    def data(self) -> dict[str, object]:
        """Return what programs read."""
        return {
            "name": self.folder.name,
            "os": self.image.os,
            "bytes": self.size,
            "used": datetime.fromtimestamp(self.used, UTC).isoformat(timespec="seconds"),
            "labs": list(self.labs),
            "whole": self.whole,
        }


def use(folder: Path) -> Image | None:
    """Return the image of a folder and note that it was used, None where there is none.

    Nobody deletes it from now on for as long as making hosts takes.
    """
    with _alone(folder.parent):
        image = Image.load(folder)
        for part in _folders(image, folder.parent) if image else ():
            os.utime(part / RECORD)
    return image


def mark(image: Image, images: Path, lab: str, home: Path) -> None:
    """Note that a lab, by its id and its folder, stands on an image from now on."""
    with _alone(images):
        for folder in _folders(image, images):
            (folder / MARKS).mkdir(exist_ok=True)
            (folder / MARKS / lab).write_text(f"{home}\n")


def kept(images: Path) -> list[Kept]:
    """Return the images of the cache, the one that was used last first."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    overlays = [line.split()[1:4:2] for line in mounts if line.startswith("overlay ")]
    found = []
    for record in images.glob(f"[!.]*/{RECORD}"):
        folder = record.parent
        with contextlib.suppress(OSError, ValueError, KeyError):
            image, whole = Image.of(folder), Image.load(folder) is not None
            labs = {str(home) for home in _marked(folder)}
            # Labs of an earlier gureum have left no mark, but where they run they show.
            shown = {root for root, options in overlays if f"{folder}/" in options}
            labs |= {root.split("/hosts/")[0] for root in shown}
            used = record.stat().st_mtime
            found.append(Kept(image, folder, _size(folder), used, tuple(sorted(labs)), whole))
    return sorted(found, key=lambda one: -one.used)


def prune(
    images: Path, limits: Limits, say: Callable[[str], None], labs: Path | None = None
) -> list[Kept]:
    """Remove images that no lab stands on: the too old ones, then the oldest until all are small enough.

    Several runs may do so at once: what one has taken away the other no longer finds. Labs in the
    folder `labs` that an earlier gureum made leave their marks now.
    """
    if not images.is_dir():
        return []
    for record in labs.glob("*/lab.json") if labs else ():
        with contextlib.suppress(LabError, KeyError):
            if lab := Record.load(record):
                for host in lab.hosts.values():
                    mark(host.image, images, lab.id, record.parent)
    removed = []
    for one in chosen(kept(images), limits, time.time()):
        going = one.folder.with_name(f".{one.folder.name}{GOING}")
        with contextlib.suppress(OSError, BlockingIOError), _nobody_builds(one.folder):
            with _alone(images):
                now = {other.folder: other for other in kept(images)}
                again = now.get(one.folder)
                if again is None or again.used != one.used or again.labs:
                    continue
                shutil.rmtree(going, ignore_errors=True)
                one.folder.rename(going)
            removed.append(one)
            days = (time.time() - one.used) / 86400
            say(f"removing the image {one.folder.name}, unused for {days:.1f} days")
    for left in images.glob(f".*{GOING}"):
        shutil.rmtree(left, ignore_errors=True)
    return removed


def chosen(there: Iterable[Kept], limits: Limits, now: float) -> list[Kept]:
    """Return which images are to go, the oldest first; `there` has the one used last first."""
    keeping = list(there)

    def goes(one: Kept) -> bool:
        others = (layer for other in keeping if other is not one for layer in other.image.layers)
        if one.labs or now - one.used <= FRESH or any(one.holds(layer) for layer in others):
            return False
        too_much = sum(other.size for other in keeping) > limits.gb * 10**9
        return too_much or not one.whole or now - one.used > limits.days * 86400

    going: list[Kept] = []
    while found := next((one for one in reversed(keeping) if goes(one)), None):
        keeping.remove(found)
        going.append(found)
    return going


def _folders(image: Image, images: Path) -> list[Path]:
    """Return the folders of the cache that an image's layers lie in."""
    parents = (layer.parent for layer in image.layers)
    return [folder for folder in parents if folder.parent == images and folder.is_dir()]


def _marked(folder: Path) -> Iterator[Path]:
    """Give the folders of labs whose mark an image bears, and remove the marks of those that are gone."""
    for note in (folder / MARKS).glob("*"):
        home = Path(note.read_text().strip())
        if (home / "lab.json").exists():
            yield home
        else:
            note.unlink(missing_ok=True)


def _size(folder: Path) -> int:
    """Return what an image takes on disk, counted at the first call."""
    note = folder / SIZE
    with contextlib.suppress(OSError, ValueError):
        return int(note.read_text())
    counted = 0
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            with contextlib.suppress(FileNotFoundError):
                counted += os.lstat(os.path.join(place, name)).st_blocks * 512
    note.write_text(f"{counted}\n")
    return counted


def _alone(images: Path) -> contextlib.AbstractContextManager[int]:
    return locks.held(images / ".use.lock")


def _nobody_builds(folder: Path) -> contextlib.AbstractContextManager[int]:
    return locks.held(building.lock_of(folder), wait=False)
