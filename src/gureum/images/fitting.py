"""Makes an image fit a cloud: sound, for its processors, and raw where Ceph makes disks of it (R-SVC-2)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import ImageError
from gureum.images import conversion, inspection
from gureum.images.catalogue import ARCHITECTURE

_HEAD = 2048
_ESP_READ = 16384
"""Sectors that are read of a disk's beginning, and of its EFI partition's."""


@dataclass(frozen=True)
class Fitting:
    """An image as a cloud takes it: its file, format, and the size of the disk in bytes."""

    path: Path
    disk_format: str
    virtual_size: int
    made: bool = False

    def clear(self) -> None:
        """Remove the file where it was made for this cloud alone."""
        if self.made:
            self.path.unlink(missing_ok=True)


def fit(path: Path, *, raw: bool, folder: Path, say: Callable[[str], None]) -> Fitting:
    """Return an image that was looked at from all sides; `raw` has a qcow2 converted in `folder`.

    Raises ImageError where it is damaged, dangerous, or for other processors.
    """
    found = inspection.inspect(path)
    if found.disk_format == "qcow2":
        conversion.check(path, "qcow2")
    _is_for_us(path, found.disk_format)
    if not raw or found.disk_format != "qcow2":
        return Fitting(path, found.disk_format, found.virtual_size)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.stem}.raw"
    say("converting it to raw, which Ceph makes disks of without copying")
    conversion.convert(path, "raw", target)
    return Fitting(target, "raw", found.virtual_size, made=True)


def _is_for_us(path: Path, disk_format: str) -> None:
    processor = architecture_of(path, disk_format)
    if processor not in ("", ARCHITECTURE):
        raise ImageError(
            f"{path.name} is for {processor} processors",
            detail=f"the compute hosts of this cloud are {ARCHITECTURE}: a VM would never boot",
            hint="take the image for amd64 (x86_64)",
        )


def architecture_of(path: Path, disk_format: str) -> str:
    """Return the processor that an image's boot loader or root is for, "" where it does not say."""
    if disk_format not in ("qcow2", "raw"):
        return ""
    head = _sectors(path, disk_format, 0, _HEAD)
    first, count = inspection.esp_of(head)
    esp = _sectors(path, disk_format, first, min(count, _ESP_READ)) if count else b""
    return inspection.architecture(head, esp)


def _sectors(path: Path, disk_format: str, first: int, count: int) -> bytes:
    """Return sectors of the disk that an image holds."""
    if disk_format == "raw":
        with path.open("rb") as source:
            source.seek(first * 512)
            return source.read(count * 512)
    out = path.with_name(f".{path.name}.part-of-disk")
    with contextlib.ExitStack() as stack:
        stack.callback(out.unlink, missing_ok=True)
        conversion.qemu_img(
            *("dd", "-f", "qcow2", "-O", "raw", "bs=512", f"skip={first}"),
            *(f"count={first + count}", f"if={path}", f"of={out}"),
        )
        return out.read_bytes()
