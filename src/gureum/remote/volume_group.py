"""State `volume_group`: LVM has a volume group on these disks, which held nothing before."""

from __future__ import annotations

import json
import os
from typing import Any

from gureum.remote.disk_use import refuse_used
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import last_line, must, run


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return whether the group is there, and which of the wanted disks are not in it."""
    done = run(("pvs", "--reportformat", "json", "--options", "pv_name,vg_name"), timeout=30)
    if done.exit:
        return {
            "there": False,
            "missing": sorted(spec["devices"]),
            "_output": last_line(done.output),
        }
    rows = json.loads(done.output[done.output.index("{") :])["report"][0]["pv"]
    mine = {os.path.realpath(row["pv_name"]) for row in rows if row["vg_name"] == spec["name"]}
    missing = [device for device in spec["devices"] if os.path.realpath(device) not in mine]
    return {"there": bool(mine), "missing": sorted(missing)}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make the group of the disks, or add those that are missing; none is taken out of it."""
    evidence: list[Evidence] = []
    name, there, missing = spec["name"], actual["there"], actual["missing"]
    if not there and not spec["devices"]:
        raise Failure(
            f"there is no volume group {name}", evidence, hint=f"vgcreate {name} /dev/DISK"
        )
    for device in missing:
        if not os.path.exists(device):
            raise Failure(f"{device}: there is no such disk", evidence, hint="lsblk")
        refuse_used(device, evidence)
    command = ("vgextend", name) if there else ("vgcreate", name)
    must((*command, *missing), evidence, f"the volume group {name} cannot be made", timeout=60)
    return evidence
