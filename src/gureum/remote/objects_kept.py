"""What Swift's disks of this host, or Ceph's gateway, still keep of users: containers by their owner."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import sqlite3
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import must
from gureum.remote.swift_disk import mounted

_LEAVES = "containers/[0-9]*/*/*/*.db"
_STAT = "SELECT account, container, put_timestamp, delete_timestamp FROM container_info"


def by_swift(places: list[str]) -> dict[str, Any]:
    """Return `containers` (account -> names) that lie on the disks mounted there, and what is `unread`.

    Asked of the lists themselves: Swift need not run. Its own accounts, whose names begin with a dot,
    are left out, as are containers that were deleted and are remembered for a while.
    """
    found: dict[str, set[str]] = {}
    for place in filter(mounted, places):
        for path in glob.glob(os.path.join(place, _LEAVES)):
            for account, container, put, deleted in _rows(path):
                if not account.startswith(".") and float(put) >= float(deleted):
                    found.setdefault(account, set()).add(container)
    return {
        "containers": {account: sorted(names) for account, names in sorted(found.items())},
        "unread": [place for place in places if not mounted(place)],
    }


def _rows(path: str) -> list[tuple[str, str, str, str]]:
    # One that cannot be read here has copies on other disks.
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database,
    ):
        return list(database.execute(_STAT))
    return []


def by_gateway(name: str) -> dict[str, Any]:
    """Return `containers` (project -> names) that the gateway of objects keeps; asked as client `name`."""
    evidence: list[Evidence] = []
    words = ("radosgw-admin", "--name", name, "bucket", "stats", "--format", "json")
    said = must(words, evidence, "Ceph does not say which objects it keeps").output
    try:
        # Ceph's own lines may stand before and after the answer, which begins a line.
        stats, _ = json.JSONDecoder().raw_decode(said, f"\n{said}".index("\n["))
    except ValueError:
        raise Failure("Ceph does not say which objects it keeps", evidence) from None
    found: dict[str, set[str]] = {}
    for bucket in stats:
        owner = str(bucket.get("tenant") or bucket.get("owner", "")).partition("$")[0]
        found.setdefault(owner, set()).add(str(bucket["bucket"]))
    return {
        "containers": {owner: sorted(names) for owner, names in sorted(found.items())},
        "unread": [],
    }
