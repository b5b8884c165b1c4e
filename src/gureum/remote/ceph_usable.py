"""State `ceph_usable`: what lies in Ceph's pools can be read and written."""

from __future__ import annotations

import time
from typing import Any

from gureum.remote.ceph_ask import Silent, ask
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import time_left

PAUSE = 0.5
COUNTED_WITHIN = 20.0
"""Seconds that Ceph gets to count the room on new disks: it counts a few seconds after they are up."""


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return whether all placement groups of the pools are active, and what keeps them from it."""
    try:
        tree, groups, pools, room = ask(
            {"prefix": "osd stat"},
            {"prefix": "pg stat"},
            {"prefix": "osd lspools"},
            {"prefix": "df"},
        )
    except (Silent, Failure) as error:
        return {"usable": False, "_output": str(error)}
    stat = groups.get("pg_summary", groups)
    states = {entry["name"]: entry["num"] for entry in stat.get("num_pg_by_state", ())}
    waiting = {name: count for name, count in states.items() if "active" not in name.split("+")}
    missing = sorted(set(spec["pools"]) - {pool["poolname"] for pool in pools})
    said = [f"{tree['num_up_osds']} of {tree['num_osds']} disks are up"]
    said += [f"{count} placement groups are {name}" for name, count in sorted(waiting.items())]
    said += [f"there is no pool {name}" for name in missing]
    known = sum(states.values()) == stat.get("num_pgs") and bool(states)
    return {
        "usable": known and not waiting and not missing and tree["num_up_osds"] > 0,
        "_disks": tree["num_up_osds"],
        "_room": all(
            pool["stats"]["max_avail"] for pool in room["pools"] if pool["name"] in spec["pools"]
        ),
        "_output": "; ".join(said),
    }


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Wait for the disks to meet: nothing else brings it about.

    What asks for a pool's room as soon as it may, as cinder-volume does, is told of none until Ceph
    has counted it: that is waited for as well, though not for long, for a full Ceph has none.
    """
    began = time.monotonic()
    until = began + min(spec["within"], time_left())
    while True:
        found = read(spec)
        counted = found.get("_room") or time.monotonic() - began > COUNTED_WITHIN
        if found["usable"] and found["_disks"] >= spec["disks"] and counted:
            return [{"reading": found}]
        if time.monotonic() > until:
            if found["usable"]:
                return [{"reading": found}]
            raise Failure(f"Ceph cannot be used: {found['_output']}", hint="ceph health detail")
        time.sleep(PAUSE)
