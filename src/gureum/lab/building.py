"""Images in the making: folders that get their name when they are whole.

A builder that is killed leaves its folder, and perhaps a host that still runs; whoever builds next
removes both.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from gureum.lab import locks, nspawn
from gureum.lab.host import LabHost

NOTE = "host.json"
"""Names the temporary host that builds in a folder."""


def folder_of(folder: Path) -> Path:
    """Return where an image is made before it gets its name."""
    return folder.with_name(f".{folder.name}.building")


def lock_of(folder: Path) -> Path:
    """Return the lock of whoever makes an image."""
    return folder.with_name(f".{folder.name}.lock")


def note_host(building: Path, host: LabHost, root: Path) -> None:
    """Write down which temporary host builds here, for whoever finds it after a kill."""
    note = {
        "name": host.name,
        "os": host.os,
        "machine": host.machine,
        "links": list(host.links),
        "root": str(root),
    }
    (building / NOTE).write_text(json.dumps(note))


def sweep(images: Path) -> None:
    """Remove what killed builders left among the images: folders, and hosts that still run."""
    for building in images.glob(".*.building"):
        folder = building.with_name(building.name.removeprefix(".").removesuffix(".building"))
        with _free(lock_of(folder)) as free:
            if free:
                discard(building)


def discard(building: Path) -> None:
    """Remove a half-made image; the caller holds its lock."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        note = json.loads((building / NOTE).read_text())
        nspawn.kill_machine(note["machine"], tuple(note["links"]), Path(note["root"]))
    shutil.rmtree(building, ignore_errors=True)


@contextlib.contextmanager
def _free(lock: Path) -> Iterator[bool]:
    """Hold a lock if nobody else does, and tell whether so."""
    try:
        with locks.held(lock, wait=False):
            yield True
    except BlockingIOError:
        yield False
