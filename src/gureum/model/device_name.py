"""What a disk is called where its path would be too long: in the names of units and mount points."""

from __future__ import annotations

import re


def short(device: str) -> str:
    """Return a disk's name as part of a unit's name: `sdb`, `vg0-osd`, `wwn-0x5000c500`."""
    last = device.removeprefix("/dev/").removeprefix("disk/by-id/")
    if not device.startswith("/dev/"):
        last = device.rsplit("/", 1)[-1]
    return re.sub(r"[^A-Za-z0-9]+", "-", last).strip("-")
