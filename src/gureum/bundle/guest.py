"""The test guest of a bundle, so that a closed cloud is proven by a VM like any other."""

from __future__ import annotations

import json
from pathlib import Path

from gureum.bundle.manifest import GUEST
from gureum.bundle.source import Source
from gureum.errors import BundleError
from gureum.images.guest_image import GuestImage


def taken(source: Source, cache: Path) -> GuestImage:
    """Return the guest image that a bundle brings; raises BundleError where it brings none."""
    files = source.manifest.by_path
    if GUEST not in files:
        raise BundleError(
            f"the bundle at {source.place} brings no guest image",
            hint=f"gureum bundle create {source.folder or 'FOLDER, where the bundle lies'}",
        )
    note = json.loads(source.take(files[GUEST], cache).read_text())
    file = files[note["path"]]
    return GuestImage(
        path=source.take(file, cache),
        sha256=file.sha256,
        size=file.size,
        disk_format=note["disk_format"],
        properties=note["properties"],
        user=note["user"],
    )
