"""Brings a host up from whatever state it is in: nothing, half made, stopped or killed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from gureum.lab import network, nspawn, ready, seed
from gureum.lab.host import LabHost
from gureum.lab.identity import Identity
from gureum.lab.image import Image
from gureum.lab.network import Network

SEEDED = "seeded"
"""A file beside a host's own layer that says: this layer is whole."""


@dataclass(frozen=True)
class Place:
    """Where the parts of one host lie."""

    disk: Path
    """Its own layer, on a file system that shares blocks."""
    root: Path
    """Where its root is mounted."""

    @property
    def upper(self) -> Path:
        """The host's own layer."""
        return self.disk / "upper"

    @property
    def log(self) -> Path:
        """What its console said."""
        return self.root.with_name("console.log")

    @property
    def whole(self) -> bool:
        """Tell whether the host's own layer was made to its end."""
        return (self.disk / SEEDED).exists()


def boot(host: LabHost, image: Image, place: Place, links: Network, identity: Identity) -> None:
    """Return once the host answers on SSH."""
    if host.running and ready.wait_if_running(host, place.log):
        return
    finish_swap(place.disk)
    nspawn.clean(host)
    if not place.whole:
        nspawn.unmount(place.root)
        shutil.rmtree(place.upper, ignore_errors=True)
    nspawn.mount(image, place.disk, place.root)
    if not place.whole:
        mtu = network.outer_mtu()
        seed.write(place.root, host, links, identity, mtu)
        (place.disk / SEEDED).touch()
    nspawn.start(host, place.root, place.log, lambda: links.attach(host))
    ready.wait(host, place.log)


def swap(disk: Path, new: Path) -> None:
    """Put the whole host folder `new` in the place of `disk`; a kill in between loses neither."""
    old = _old(disk)
    shutil.rmtree(old, ignore_errors=True)
    new.rename(_new(disk))
    if disk.exists():
        disk.rename(old)
    finish_swap(disk)


def finish_swap(disk: Path) -> None:
    """End a swap that was cut off after the old folder had been moved away."""
    if not disk.exists() and (_new(disk) / SEEDED).exists():
        _new(disk).rename(disk)
    for leftover in (_new(disk), _old(disk)):
        shutil.rmtree(leftover, ignore_errors=True)


def _new(disk: Path) -> Path:
    return disk.with_name(f".{disk.name}.new")


def _old(disk: Path) -> Path:
    return disk.with_name(f".{disk.name}.old")
