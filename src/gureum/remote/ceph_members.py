"""What a Ceph counts on: its OSDs by their ids for life, and its monitors."""

from __future__ import annotations

from typing import Any

from gureum.remote.ceph_ask import Silent, ask
from gureum.remote.failure import Failure


def members() -> dict[str, Any]:
    """Return `osds` (uuid -> number) and the names of `monitors`, asked on a monitor's host."""
    try:
        osds, monitors = ask({"prefix": "osd dump"}, {"prefix": "mon dump"})
    except Silent as silent:
        raise Failure(str(silent), hint="ceph -s") from None
    return {
        "osds": {osd["uuid"]: osd["osd"] for osd in osds["osds"]},
        "monitors": [one["name"] for one in monitors["mons"]],
    }
