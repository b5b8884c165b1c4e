"""Asks a cloud's own Ceph how it feels, while its hosts are being asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gureum.checks.ceph_words import complaints, in_short
from gureum.errors import HostError
from gureum.model.cloud import Cloud, Role
from gureum.operate.health import CephHealth
from gureum.remote import ceph_health
from gureum.services.ceph_layout import monitors_of

if TYPE_CHECKING:
    from gureum.hosts import Session

WITHIN = 4.0
"""Seconds that Ceph's monitors are waited for; healthy ones take a tenth of one."""
TIMEOUT = 15.0


class CephLook:
    """Asks the first monitor's host that can be reached; it in turn asks whichever monitor answers."""

    def __init__(self, cloud: Cloud, sessions: Mapping[str, Session]) -> None:
        hosts = [name for name, _ in cloud.hosts_with(Role.STORAGE)] if cloud.deploys_ceph else []
        self._monitors = monitors_of(hosts) if hosts else ()
        self._disks = sum(len(cloud.devices_of(name)) for name in hosts)
        self._asked = next((name for name in self._monitors if name in sessions), "")
        self._job: Any = None
        if self._asked:
            self._job = sessions[self._asked].submit(ceph_health.health, WITHIN)

    def result(self) -> CephHealth | None:
        """Return what Ceph said, None for a cloud that has none of its own."""
        if not self._monitors:
            return None
        found: dict[str, Any] = {"silent": "no host of a monitor can be reached"}
        if self._job is not None:
            try:
                found = self._job.result(TIMEOUT)
            except (HostError, TimeoutError) as error:
                found = {"silent": str(getattr(error, "summary", "") or "its host does not answer")}
        asked = self._asked or self._monitors[0]
        told = complaints(found, asked, self._disks, len(self._monitors))
        return CephHealth(
            in_short="does not answer" if found["silent"] else in_short(found), complaints=told
        )
