"""State `neutron_reports`: neutron's agents on their hosts have said of late that they are there."""

from __future__ import annotations

from typing import Any

from gureum.remote import reports
from gureum.remote.failure import Evidence
from gureum.remote.mariadb import query

UP_WITHIN = 75
"""Seconds after which neutron calls an agent dead (`agent_down_time`)."""
_SEEN = (
    "SELECT CONCAT(agent_type, ' of ', host), "
    "TIMESTAMPDIFF(SECOND, heartbeat_timestamp, UTC_TIMESTAMP()) FROM neutron.agents"
)


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return for each agent (`L3 agent of one`) whether neutron counts it as alive."""
    return reports.reading(spec["agents"], _ages(), UP_WITHIN)


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Wait for a report of each agent that is younger than this call.

    neutron binds a port only on a host whose agent it has heard of; a VM that comes before fails.
    """
    return reports.wait(
        list(spec["agents"]),
        _ages,
        spec["within"],
        log="the agent's log there, in /var/log/neutron",
    )


def _ages() -> dict[str, int]:
    return reports.ages(query(_SEEN))
