"""State `nova_reports`: the nova-compute of each host has said of late that it is there."""

from __future__ import annotations

from typing import Any

from gureum.remote import reports
from gureum.remote.failure import Evidence
from gureum.remote.mariadb import query

UP_WITHIN = 60
"""Seconds after which nova calls a service down (`service_down_time`)."""
_SEEN = (
    "SELECT host, TIMESTAMPDIFF(SECOND, COALESCE(last_seen_up, created_at), UTC_TIMESTAMP()) "
    "FROM nova.services WHERE `binary` = 'nova-compute' AND deleted = 0"
)


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return for each host whether nova counts its nova-compute as up, with the age as evidence."""
    return reports.reading(spec["hosts"], _ages(), UP_WITHIN)


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Wait for a report of each host that is younger than this call: one of the process that runs now.

    One whose record is new has reported by making it.
    """
    return reports.wait(
        list(spec["hosts"]),
        _ages,
        spec["within"],
        whose="nova-compute of ",
        log="its log there, /var/log/nova/nova-compute.log",
    )


def _ages() -> dict[str, int]:
    return reports.ages(query(_SEEN))
