"""A guest image as raw, which Ceph makes disks of without copying."""

from __future__ import annotations

from dataclasses import replace

from gureum.errors import LabError
from gureum.images import conversion
from gureum.images.guest_image import GuestImage, digest


def as_raw(guest: GuestImage) -> GuestImage:
    """Return the guest as a raw image, converted once; as it is where qemu-img is missing."""
    if guest.disk_format == "raw":
        return guest
    raw = guest.path.with_suffix(".raw")
    if not raw.exists():
        try:
            conversion.convert(guest.path, "raw", raw)
        except LabError:
            return guest
    return replace(guest, path=raw, sha256=digest(raw), size=raw.stat().st_size, disk_format="raw")
