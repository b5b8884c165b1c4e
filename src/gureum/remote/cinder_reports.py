"""State `cinder_reports`: units of cinder have said of late that they are there, and what room they have."""

from __future__ import annotations

import time
from typing import Any

from gureum.remote import reports
from gureum.remote.cinder_api import Cinder
from gureum.remote.failure import Evidence, Failure
from gureum.remote.mariadb import query
from gureum.remote.process import time_left

UP_WITHIN = 60
"""Seconds after which cinder calls a service down (`service_down_time`)."""
TOLD_AGAIN = 60.0
"""Seconds after which cinder-volume tells the scheduler anew (`backend_stats_polling_interval`)."""
_PAUSE = 0.5
_SEEN = (
    "SELECT CONCAT(`binary`, ' of ', host), "
    "TIMESTAMPDIFF(SECOND, COALESCE(updated_at, created_at), UTC_TIMESTAMP()) "
    "FROM cinder.services WHERE deleted = 0"
)


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return for each unit (`cinder-volume of one@ceph`) whether cinder counts it as up."""
    return reports.reading(list(spec["units"]), _ages(), UP_WITHIN)


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Wait for a report of each unit that is younger than this call, and for the room of the backends."""
    evidence = reports.wait(
        list(spec["units"]),
        _ages,
        spec["within"],
        log="the unit's log there, in /var/log/cinder",
    )
    return [*evidence, *_wait_for_room(Cinder(spec), list(spec["backends"]))]


def _wait_for_room(cinder: Cinder, backends: list[str]) -> list[Evidence]:
    """Wait until the scheduler knows each backend and that it has any room at all.

    A scheduler keeps that in its memory alone, and finds no backend for a volume until it has heard.
    Raises Failure for one that it never hears of; one without any room is for `verify` to tell.
    """
    began = time.monotonic()
    until = began + min(TOLD_AGAIN * 1.3, time_left())
    while True:
        rooms = _rooms(cinder)
        seconds = time.monotonic() - began
        waiting = [backend for backend in backends if not rooms.get(backend)]
        evidence: list[Evidence] = [
            {
                "command": ["GET", "/v3/scheduler-stats/get_pools?detail=true"],
                "exit": 1 if waiting else 0,
                "output": f"gigabytes in all: {rooms}",
                "seconds": round(seconds, 3),
            }
        ]
        if not waiting:
            return evidence
        if time.monotonic() >= until:
            unknown = [backend for backend in waiting if backend not in rooms]
            if not unknown:
                return evidence
            raise Failure(
                f"cinder's scheduler has not heard of {', '.join(unknown)} for {seconds:.0f} s; why is in "
                "/var/log/cinder/cinder-volume.log there",
                evidence,
            )
        time.sleep(_PAUSE)


def _rooms(cinder: Cinder) -> dict[str, Any]:
    """Return backend (`one@fast`) -> its room in gigabytes as its scheduler has heard, or a word for it."""
    rooms: dict[str, Any] = {}
    for pool in cinder.send("GET", "/scheduler-stats/get_pools?detail=true")["pools"]:
        backend, room = pool["name"].partition("#")[0], pool["capabilities"]["total_capacity_gb"]
        rooms[backend] = rooms.get(backend) or room
    return rooms


def _ages() -> dict[str, int]:
    return reports.ages(query(_SEEN))
