"""What Swift's storage servers say of themselves (recon), and what lies on the disks of this host."""

from __future__ import annotations

import hashlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gureum.remote.http import ask
from gureum.remote.swift_disk import mounted
from gureum.remote.swift_rings import KEPT
from gureum.remote.text_file import text_of

KINDS = ("accounts", "containers", "objects")
RING = "/etc/swift/object.ring.gz"
RINGS = "/etc/swift/rings"


def health(addresses: dict[str, str], port: int) -> dict[str, dict[str, Any]]:
    """Return by host what its object server tells: `unmounted` disks, whether its `ring` is this
    host's, how long ago replication was through (`replicated`, seconds), and `error` if it is silent."""
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda item: (item[0], _one(item[1], port)), addresses.items())
        return dict(found)


def _one(address: str, port: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for what in ("unmounted", "ringmd5", "replication/object"):
        status, text = ask(f"http://{address}:{port}/recon/{what}")
        if status != 200:
            return {"error": f"its object server says {status or text}"}
        told[what] = json.loads(text)
    with open(RING, "rb") as file:
        own = hashlib.md5(file.read()).hexdigest()  # noqa: S324 - as Swift's recon counts
    last = told["replication/object"].get("object_replication_last")
    return {
        "error": "",
        "unmounted": sorted(str(disk.get("device")) for disk in told["unmounted"]),
        "ring": told["ringmd5"].get(RING) == own,
        "replicated": round(time.time() - last) if last else None,
    }


def rings() -> dict[str, bool]:
    """Return whether all copies lie where they belong (`settled`), else whether some may move now (`due`)."""
    try:
        kept = json.loads(text_of(os.path.join(RINGS, KEPT)))
    except ValueError:
        return {"settled": False, "due": True}
    settled = bool(kept["settled"])
    return {"settled": settled, "due": not settled and time.time() > kept["moves_after"]}


def held(places: list[str]) -> dict[str, int | None]:
    """Return how many partitions lie at each place where a disk is mounted; None where none is."""
    return {place: _parts(place) if mounted(place) else None for place in places}


def unmounted(places: list[str]) -> list[str]:
    """Return the places at which no disk is mounted."""
    return [place for place in places if not mounted(place)]


def _parts(place: str) -> int:
    found = 0
    for kind in KINDS:
        try:
            found += sum(name.isdigit() for name in os.listdir(os.path.join(place, kind)))
        except OSError:
            continue
    return found
