"""Objects as an operator describes them: types for `swift` of cloud.yaml."""

from __future__ import annotations

import enum

from pydantic import Field

from gureum.model.part import Part


class SwiftAuth(enum.StrEnum):
    """Who tells Swift whether a user is who they say."""

    KEYSTONE = "keystone"
    TEMPAUTH = "tempauth"


class Swift(Part):
    """Swift: objects on the disks of the hosts with the role storage, its proxies on controllers."""

    devices: tuple[str, ...] = Field(
        default=(), examples=[["/dev/disk/by-id/wwn-0x5000c500a1b2c3d6"]]
    )
    """The disks of each storage host: whole disks, best by /dev/disk/by-id, on which Swift makes an XFS.
    Another path is a file that stands for a disk; a lab host has three by itself."""
    file_gigabytes: int = Field(default=4, ge=1, le=10000)
    """How large a file is that stands for a disk; it takes what is written to it."""
    replicas: int | None = Field(default=None, ge=1, le=10, examples=[3])
    """How many copies of everything are kept, as far from each other as there are hosts and disks: by
    default three, or one for each disk where there are fewer."""
    part_power: int = Field(default=12, ge=4, le=24)
    """Into how many partitions objects are spread, as a power of two. It can never be changed: 2^12 are
    enough for forty disks, each step more for twice as many."""
    min_part_hours: int = Field(default=1, ge=0, le=168)
    """Hours for which a partition stays where it is before another of its copies moves."""
    auth: SwiftAuth = SwiftAuth.KEYSTONE
    """Who users prove themselves to: `keystone`, or `tempauth`, with users of Swift's own."""
    drain: tuple[str, ...] = Field(default=(), examples=[["storage-3", "storage-1:/dev/sdc"]])
    """Hosts, or single disks as `HOST:PATH`, that are to hand all they hold to others before they go."""
