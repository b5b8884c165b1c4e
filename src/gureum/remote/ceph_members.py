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


def health() -> dict[str, Any]:
    """Return Ceph's `health`, what it complains of in `words`, `disks_up`, and `monitors` that agree."""
    try:
        health, osds, quorum = ask(
            {"prefix": "health", "detail": "detail"},
            {"prefix": "osd stat"},
            {"prefix": "quorum_status"},
        )
    except (Silent, Failure) as error:
        return {"health": "HEALTH_ERR", "words": [str(error)], "disks_up": 0, "monitors": 0}
    checks = health.get("checks", {}).values()
    return {
        "health": health["status"],
        "words": [check["summary"]["message"] for check in checks if not check.get("muted")],
        "disks_up": osds["num_up_osds"],
        "monitors": len(quorum["quorum"]),
    }
