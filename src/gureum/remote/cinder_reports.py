"""State `cinder_reports`: units of cinder have said of late that they are there."""

from __future__ import annotations

from typing import Any

from gureum.remote import reports
from gureum.remote.failure import Evidence
from gureum.remote.mariadb import query

UP_WITHIN = 60
"""Seconds after which cinder calls a service down (`service_down_time`)."""
_SEEN = (
    "SELECT CONCAT(`binary`, ' of ', host), "
    "TIMESTAMPDIFF(SECOND, COALESCE(updated_at, created_at), UTC_TIMESTAMP()) "
    "FROM cinder.services WHERE deleted = 0"
)


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return for each unit (`cinder-volume of one@ceph`) whether cinder counts it as up."""
    ages = _ages()
    reading: dict[str, Any] = {
        unit: ages.get(unit, UP_WITHIN) < UP_WITHIN for unit in spec["units"]
    }
    return {**reading, "_exists": False, "_output": f"seconds since the last report: {ages}"}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Wait for a report of each unit that is younger than this call."""
    return reports.wait(
        list(spec["units"]),
        _ages,
        spec["within"],
        log="the unit's log there, in /var/log/cinder",
    )


def _ages() -> dict[str, int]:
    return {unit: int(age) for unit, age in query(_SEEN) or [] if age not in ("", "NULL")}
