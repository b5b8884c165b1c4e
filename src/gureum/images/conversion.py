"""Converts disk images between qcow2 and raw, and proves that what came out is sound (R-LAB-3)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from gureum.errors import LabError

FORMATS = ("qcow2", "raw")
_HINT = "apt-get install --no-install-recommends qemu-utils"


def convert(
    path: Path, disk_format: str, target: Path | None = None, *, compressed: bool = False
) -> Path:
    """Write `path` as `disk_format` beside it (or to `target`), checked, and return the new file.

    The file appears under its name only when it is whole and its contents were compared with the
    original's. Raises LabError where the format is unknown or qemu-img refuses.
    """
    if disk_format not in FORMATS:
        raise LabError(
            f"no such image format: {disk_format}",
            detail=f"{path} can become one of: {', '.join(FORMATS)}",
            hint=f"gureum image convert {path} --to qcow2",
        )
    target = target or path.with_suffix(f".{disk_format}")
    if target.resolve() == path.resolve():
        raise LabError(
            f"{path} would overwrite itself",
            detail="the converted image needs a file of its own",
            hint=f"gureum image convert {path} --to {disk_format} --output other.{disk_format}",
        )
    source_format = check(path)["format"]
    new = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        packing = ("-c",) if compressed else ()
        qemu_img("convert", *packing, "-f", source_format, "-O", disk_format, str(path), str(new))
        check(new, disk_format)
        qemu_img("compare", "-f", source_format, "-F", disk_format, str(path), str(new))
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return target


def check(path: Path, disk_format: str | None = None) -> dict[str, Any]:
    """Return what qemu-img tells of an image, after its own check of it passed.

    Raises LabError where the image is damaged, or is not of `disk_format`.
    """
    arguments = ("-f", disk_format) if disk_format else ()
    told: dict[str, Any] = json.loads(qemu_img("info", "--output=json", *arguments, str(path)))
    if told["format"] == "qcow2":
        qemu_img("check", "-q", "-f", "qcow2", str(path))
    return told


def qemu_img(*arguments: str) -> str:
    """Run qemu-img and return what it printed; raises LabError with its own words."""
    command = ("qemu-img", *arguments)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise LabError(
            "qemu-img is not installed",
            detail="images are converted and checked with it",
            hint=_HINT,
        ) from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise LabError(
            f"qemu-img {arguments[0]} failed with exit {done.returncode}",
            detail=f"{' '.join(command)}\n{said}",
            hint=f"qemu-img info {arguments[-1]}",
        )
    return done.stdout
