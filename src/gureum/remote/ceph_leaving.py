"""A storage host on its way out of Ceph: what it holds, whether that is elsewhere, and its end."""

from __future__ import annotations

import time
from typing import Any

from gureum.remote.ceph_ask import Silent, Told, ask, tell
from gureum.remote.ceph_cluster import clean
from gureum.remote.failure import Evidence, Failure

Found = dict[str, Any]
DOWN_WITHIN = 60.0
PAUSE = 2.0


def look(uuids: list[str]) -> Found:
    """Return what Ceph knows of disks by their ids for life, and whether it could do without them.

    `osds` are their numbers; `used` bytes lie on them, `free` bytes are on the others, of `total`.
    `copies` is the largest number of copies that a pool keeps, `clean` tells that all are there,
    `monitors` are those that are to be and `agree` those that do.
    """
    try:
        dump, room, groups, quorum = ask(
            {"prefix": "osd dump"},
            {"prefix": "osd df"},
            {"prefix": "pg stat"},
            {"prefix": "quorum_status"},
            within=15.0,
        )
    except Silent as silent:
        raise Failure(str(silent), hint="ceph -s") from None
    mine = {osd["osd"] for osd in dump["osds"] if osd["uuid"] in uuids}
    nodes = [node for node in room["nodes"] if node["id"] >= 0]
    others = [node for node in nodes if node["id"] not in mine]
    return {
        "osds": sorted(mine),
        "used": sum(node["kb_used"] for node in nodes if node["id"] in mine) * 1024,
        "free": sum(node["kb_avail"] for node in others) * 1024,
        "total": sum(node["kb"] for node in others) * 1024,
        "copies": max((pool["size"] for pool in dump["pools"]), default=1),
        "clean": clean(groups),
        "monitors": [one["name"] for one in quorum["monmap"]["mons"]],
        "agree": list(quorum["quorum_names"]),
    }


def drain(osds: list[int]) -> list[Evidence]:
    """Have Ceph move what lies on these disks to others; said twice it is the same."""
    evidence: list[Evidence] = []
    tell([({"prefix": "osd out", "ids": [str(osd) for osd in osds]}, "")], evidence)
    return evidence


def drained(osds: list[int]) -> Found:
    """Return whether nothing is lost with these disks (`safe`), how many groups still move, and why not.

    `groups` are those of which a copy is missing or at the wrong place.
    """
    try:
        (groups,) = ask({"prefix": "pg stat"}, within=15.0)
    except (Silent, Failure) as error:
        return {"safe": False, "groups": -1, "why": str(error)}
    stat = groups.get("pg_summary", groups)
    waiting = {
        entry["name"]: entry["num"]
        for entry in stat.get("num_pg_by_state", ())
        if "clean" not in entry["name"].split("+") or "remapped" in entry["name"].split("+")
    }
    why = ", ".join(f"{count} {name}" for name, count in sorted(waiting.items()))
    try:
        ask({"prefix": "osd safe-to-destroy", "ids": [str(osd) for osd in osds]}, within=15.0)
    except (Silent, Failure) as error:
        return {"safe": False, "groups": sum(waiting.values()), "why": why or str(error)}
    return {"safe": not waiting, "groups": sum(waiting.values()), "why": why}


def forget(host: str, osds: list[int], monitors: list[str]) -> list[Evidence]:
    """Take disks that hold nothing any more and monitors out of the cluster, with their keys.

    A disk that something would be lost with is refused by Ceph itself.
    """
    evidence: list[Evidence] = []
    (about,) = ask({"prefix": "mon dump"})
    there = {one["name"] for one in about["mons"]}
    commands: list[Told] = []
    for name in monitors:
        if name in there:
            commands.append(({"prefix": "mon remove", "name": name}, ""))
            commands.append(({"prefix": "auth rm", "entity": f"mgr.{name}"}, ""))
    if commands:
        tell(commands, evidence)
    for osd in osds:
        _purge(osd, evidence)
    _forget_place(host, evidence)
    return evidence


def _purge(osd: int, evidence: list[Evidence]) -> None:
    """Take a disk out of the cluster; Ceph believes only after a moment that its daemon has ended."""
    until = time.monotonic() + DOWN_WITHIN
    while True:
        try:
            purge = {"prefix": "osd purge", "id": osd, "yes_i_really_mean_it": True}
            tell([(purge, "")], evidence)
        except Failure as refused:
            if time.monotonic() > until:
                raise Failure(f"osd.{osd} cannot go: {refused}", evidence, hint="ceph -s") from None
        else:
            return
        time.sleep(PAUSE)


def _forget_place(host: str, evidence: list[Evidence]) -> None:
    """Take a host without disks out of the map of places; one with a disk stays."""
    try:
        tell([({"prefix": "osd crush rm", "name": host}, "")], evidence)
    except Failure as refused:
        said = {"exit": 1, "output": str(refused), "seconds": 0.0}
        evidence.append({"command": ["ceph", "osd", "crush", "rm", host], **said})
