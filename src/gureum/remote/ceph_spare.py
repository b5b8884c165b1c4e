"""Whether Ceph can do without what was on a disk, before a blank one takes its place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from gureum.remote.ceph_ask import BOOTSTRAP, Silent, ask
from gureum.remote.failure import Failure

LOOKS = 2
"""Numbers of groups are some seconds old: what was lost just now does not count yet."""
PAUSE = 6.0


def check_spare(spec: dict[str, Any], *, blank: bool) -> None:
    """Raise Failure while the OSD still runs, or where a `blank` disk would come in place of needed data.

    All data has to be readable and writable from other disks; that is asked with the administrator's
    key. An OSD that was purged is not counted on any more.
    """
    device = spec["device"]
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE)
        (dump,) = _ask(
            device,
            lambda: ask(
                {"prefix": "osd dump"}, name=BOOTSTRAP, keyring=spec["keyring"], conf=spec["conf"]
            ),
        )
        osd = next((osd for osd in dump["osds"] if osd["uuid"] == spec["uuid"]), None)
        if osd is None:
            return
        if osd["up"]:
            raise Failure(
                f"osd.{osd['osd']} still runs with the disk that was taken from {device}",
                hint=f"systemctl stop {unit_of(spec)}",
            )
        if not blank:
            return
        (groups,) = _ask(device, lambda: ask({"prefix": "pg stat"}))
        if why := _missing(groups):
            raise Failure(
                f"{device} is blank, and Ceph cannot do without what osd.{osd['osd']} had on it: {why}; put "
                "the disk back that was there",
                hint="ceph health detail",
            )


def _ask(device: str, question: Callable[[], list[Any]]) -> list[Any]:
    try:
        return question()
    except (Silent, Failure) as error:
        raise Failure(
            f"{device} is not the disk that was there, and Ceph cannot be asked whether it can do without "
            f"that: {error}",
            hint="ceph -s",
        ) from None


def unit_of(spec: dict[str, Any]) -> str:
    """Return the unit of the OSD that a folder is of."""
    return os.path.basename(str(spec["folder"])).replace("gureum-", "ceph-osd-", 1)


def _missing(groups: dict[str, Any]) -> str:
    """Return in words the placement groups that cannot be used without the disk; "" for none."""
    stat = groups.get("pg_summary", groups)
    states = {entry["name"]: entry["num"] for entry in stat.get("num_pg_by_state", ())}
    found = {
        name: count
        for name, count in states.items()
        # Stale ones are told by nobody any more: all who had them are away.
        if "active" not in (words := name.split("+")) or "stale" in words
    }
    if sum(states.values()) < stat.get("num_pgs", 0):
        return "not all placement groups have told of themselves"
    return ", ".join(
        f"{count} placement groups are {name}" for name, count in sorted(found.items())
    )
