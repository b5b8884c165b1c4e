"""Snapshots of hosts: copies that share their blocks, so they cost a moment and no space (R-LAB-2).

Running hosts are frozen all together while they are copied. What is copied is what a power cut of
all of them at one instant would leave, and databases are made to start from that; members of a
cluster agree with one another in it.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gureum.errors import LabError
from gureum.lab import cgroups
from gureum.lab.boot import SEEDED, Place, swap
from gureum.lab.command import run
from gureum.lab.image import Image

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
RECORD = "snapshot.json"
FREEZE_PATIENCE = 10.0


@dataclass(frozen=True)
class Snapshot:
    """A state of hosts that can be returned to."""

    name: str
    taken: datetime
    hosts: dict[str, Image]
    running: frozenset[str]
    """The hosts that ran when it was taken."""


def listed(disk: Path) -> list[Snapshot]:
    """Return the snapshots on a lab's disk, the oldest first."""
    found = [_load(record) for record in _folder(disk).glob(f"[!.]*/{RECORD}")]
    return sorted(found, key=lambda snapshot: snapshot.taken)


def find(disk: Path, name: str) -> Snapshot:
    """Return the snapshot of a name; raise LabError that names those there are."""
    snapshots = {snapshot.name: snapshot for snapshot in listed(disk)}
    if name not in snapshots:
        there = ", ".join(snapshots) or "none yet"
        raise LabError(
            f"there is no snapshot {name!r}", detail=f"snapshots: {there}", hint="gureum lab list"
        )
    return snapshots[name]


def take(disk: Path, name: str, hosts: dict[str, tuple[Image, Place, int | None]]) -> Snapshot:
    """Copy hosts, given as name -> image, place and leader (None where it does not run)."""
    if not NAME.fullmatch(name):
        raise LabError(
            f"a snapshot cannot be named {name!r}",
            hint="use letters, digits, dots and dashes, e.g. before-upgrade",
        )
    folder = _folder(disk) / name
    if folder.exists():
        raise LabError(
            f"there is a snapshot {name!r} already",
            hint=f"choose another name, or remove it: gureum lab snapshot --delete {name}",
        )
    new = _folder(disk) / f".{name}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    leaders = {host: leader for host, (_, _, leader) in hosts.items() if leader is not None}
    with frozen(list(leaders.values())):
        copies = [(place.upper, new / host / "upper") for host, (_, place, _) in hosts.items()]
        _copy_all(copies)
    snapshot = Snapshot(
        name,
        datetime.now(UTC),
        {host: image for host, (image, _, _) in hosts.items()},
        frozenset(leaders),
    )
    _save(snapshot, new / RECORD)
    new.rename(folder)
    return snapshot


def put_back(disk: Path, snapshot: Snapshot, places: dict[str, Place]) -> None:
    """Give stopped hosts the state that they had in a snapshot."""
    source = _folder(disk) / snapshot.name
    ready = {host: place.disk.with_name(f".{host}.restored") for host, place in places.items()}
    for folder in ready.values():
        shutil.rmtree(folder, ignore_errors=True)
    _copy_all([(source / host / "upper", folder / "upper") for host, folder in ready.items()])
    for host, folder in ready.items():
        (folder / SEEDED).touch()
        swap(places[host].disk, folder)


def delete(disk: Path, name: str) -> None:
    """Remove a snapshot."""
    find(disk, name)
    going = _folder(disk) / f".{name}.new"
    shutil.rmtree(going, ignore_errors=True)
    (_folder(disk) / name).rename(going)
    shutil.rmtree(going)


@contextlib.contextmanager
def frozen(leaders: list[int]) -> Iterator[None]:
    """Keep hosts, given by their leaders, from running within the block."""
    switches = []
    for leader in leaders:
        switch = cgroups.freezer(leader)
        if switch is None:
            raise LabError(
                "this machine's kernel cannot freeze a running host",
                detail="the unified control group hierarchy is not mounted",
                hint="gureum lab stop",
            )
        switches.append(switch)
    try:
        for switch in switches:
            switch.write_text("1")
        end = time.monotonic() + FREEZE_PATIENCE
        while not all(_is_frozen(switch) for switch in switches):
            if time.monotonic() > end:
                raise LabError(
                    "a host did not stand still for its snapshot",
                    detail="a process inside waits for a disk that does not answer",
                    hint="gureum lab stop",
                )
            time.sleep(0.002)
        yield
    finally:
        for switch in switches:
            with contextlib.suppress(OSError):
                switch.write_text("0")


def _copy_all(copies: list[tuple[Path, Path]]) -> None:
    def copy(pair: tuple[Path, Path]) -> None:
        pair[1].parent.mkdir(parents=True)
        run("cp", "--archive", "--reflink=always", *pair)

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(copy, copies))


def _is_frozen(switch: Path) -> bool:
    return "frozen 1" in switch.with_name("cgroup.events").read_text()


def _folder(disk: Path) -> Path:
    return disk / "snapshots"


def _save(snapshot: Snapshot, path: Path) -> None:
    record = {
        "name": snapshot.name,
        "taken": snapshot.taken.isoformat(),
        "hosts": {host: image.record() for host, image in snapshot.hosts.items()},
        "running": sorted(snapshot.running),
    }
    path.write_text(json.dumps(record, indent=1) + "\n")


def _load(path: Path) -> Snapshot:
    record = json.loads(path.read_text())
    return Snapshot(
        record["name"],
        datetime.fromisoformat(record["taken"]),
        {host: Image.from_record(image) for host, image in record["hosts"].items()},
        frozenset(record["running"]),
    )
