"""State `nova_reports`: the nova-compute of each host has said of late that it is there."""

from __future__ import annotations

import time
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.mariadb import query
from gureum.remote.process import time_left

UP_WITHIN = 60
"""Seconds after which nova calls a service down (`service_down_time`)."""
PAUSE = 0.3
_SEEN = (
    "SELECT host, TIMESTAMPDIFF(SECOND, COALESCE(last_seen_up, created_at), UTC_TIMESTAMP()) "
    "FROM nova.services WHERE `binary` = 'nova-compute' AND deleted = 0"
)


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return for each host whether nova counts its nova-compute as up, with the age as evidence."""
    ages = _ages()
    reading: dict[str, Any] = {
        host: ages.get(host, UP_WITHIN) < UP_WITHIN for host in spec["hosts"]
    }
    return {**reading, "_exists": False, "_output": f"seconds since the last report: {ages}"}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Wait for a report of each host that is younger than this call: one of the process that runs now.

    One whose record is new has reported by making it.
    """
    began = time.monotonic()
    until = began + min(spec["within"], time_left())
    while True:
        ages = _ages()
        now = time.monotonic()
        # The database keeps whole seconds: what it calls 0 seconds old may be nearly 1.
        late = [h for h in spec["hosts"] if ages.get(h, UP_WITHIN) + 1 > now - began]
        said = f"seconds since the last report: {ages}"
        evidence = [
            {
                "command": ["wait for", "a report of nova-compute", *spec["hosts"]],
                "exit": 1 if late else 0,
                "output": said,
                "seconds": round(now - began, 3),
            }
        ]
        if not late:
            return evidence
        if now >= until:
            raise Failure(
                f"nova-compute of {', '.join(late)} has not reported for {now - began:.0f} s; "
                "why is in its log there, /var/log/nova/nova-compute.log",
                evidence,
            )
        time.sleep(PAUSE)


def _ages() -> dict[str, int]:
    return {host: int(age) for host, age in query(_SEEN) or [] if age not in ("", "NULL")}
