"""Desired states of Swift: disks that are mounted, rings that name them, and rings on every host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gureum.steps.step import State

RINGS = ("account", "container", "object")
"""Swift's rings; each tells where the copies of what is in it lie."""


@dataclass(frozen=True, kw_only=True)
class SwiftDiskMounted(State):
    """A disk has an XFS of this cloud's, with the id `uuid`, mounted at `place` for Swift's user.

    `file_bytes` makes a file of this size where `device` is no block device. A disk that holds
    anything else is refused; one that was this one before is taken up again with its data.
    `mounter` is the program of this host that mounts it.
    """

    kind: ClassVar[str] = "swift_disk"
    uuid: str
    device: str
    place: str
    file_bytes: int
    mounter: str

    def expected(self) -> dict[str, Any]:
        return {"mounted": self.device, "owner": "swift"}

    def title(self) -> str:
        return self.device


@dataclass(frozen=True, kw_only=True)
class RingDevice:
    """A disk in Swift's rings: where it answers, what it is called there, and how much it takes."""

    ip: str
    name: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class SwiftRingsBuilt(State):
    """The rings in `folder` hold exactly these devices, by `HOST:PATH`, and moves that are due are made.

    Built with Swift's own builder by the release's `python`. A cloud has one set of rings: a host that
    has none takes that of one of the `peers`, and only where none has any are rings begun.
    """

    kind: ClassVar[str] = "swift_rings"
    python: str
    folder: str
    part_power: int
    replicas: int
    min_part_hours: int
    devices: Mapping[str, RingDevice]
    ports: Mapping[str, int]
    peers: tuple[str, ...]

    def expected(self) -> dict[str, Any]:
        devices = {
            key: {"ip": d.ip, "name": d.name, "weight": d.weight} for key, d in self.devices.items()
        }
        return {
            "part_power": self.part_power,
            "replicas": self.replicas,
            "min_part_hours": self.min_part_hours,
            "devices": devices,
            "moves": "none due",
        }

    def title(self) -> str:
        return f"{len(self.devices)} disk{'s' if len(self.devices) != 1 else ''}"


@dataclass(frozen=True, kw_only=True)
class SwiftRingsTaken(State):
    """The rings in `folder` are those of the host that builds them, which offers them at `source`."""

    kind: ClassVar[str] = "swift_rings_taken"
    folder: str
    source: str

    def expected(self) -> dict[str, Any]:
        return {"other": []}

    def title(self) -> str:
        return self.source
