"""How Ceph feels by its own word: what it complains of, its disks, its monitors, its room."""

from __future__ import annotations

import os
from typing import Any

from gureum.remote.ceph_ask import Silent, ask
from gureum.remote.failure import Failure

Found = dict[str, Any]
_DETAILS = 5
"""Lines of detail that are kept of each complaint."""


def health(within: float = 8.0) -> Found:
    """Return what the monitors say, asked on a host with the administrator's key.

    `silent` tells why they say nothing, and then stands alone. `complaints` are Ceph's health checks
    (`code`, `error`, `says`, `detail`), `disks` all OSDs (`osd`, `host`, `folder`, `up`), `monitors`
    those that are to be, `agree` those that do; `used` and `total` are bytes.
    """
    try:
        health, osds, about, quorum, space = ask(
            {"prefix": "health", "detail": "detail"},
            {"prefix": "osd dump"},
            {"prefix": "osd metadata"},
            {"prefix": "quorum_status"},
            {"prefix": "df"},
            within=within,
        )
    except (Silent, Failure) as error:
        return {"silent": str(error)}
    known = {one["id"]: one for one in about}
    return {
        "silent": "",
        "health": health["status"],
        "complaints": [
            {
                "code": code,
                "error": check["severity"] == "HEALTH_ERR",
                "says": check["summary"]["message"],
                "detail": [one["message"].strip() for one in check.get("detail", ())][:_DETAILS],
            }
            for code, check in sorted(health.get("checks", {}).items())
            if not check.get("muted")
        ],
        "disks": [_disk(osd, known.get(osd["osd"], {})) for osd in osds["osds"]],
        "monitors": [one["name"] for one in quorum["monmap"]["mons"]],
        "agree": list(quorum["quorum_names"]),
        "used": space["stats"]["total_used_raw_bytes"],
        "total": space["stats"]["total_bytes"],
    }


def _disk(osd: Found, about: Found) -> Found:
    return {
        "osd": osd["osd"],
        "host": about.get("hostname", ""),
        "folder": os.path.basename(about.get("osd_data", "").rstrip("/")),
        "up": bool(osd["up"]),
    }
