"""Too little memory or disk for what the host is to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gureum.model.cloud import Role
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene

MEMORY_MB = {Role.CONTROLLER: 2432, Role.NETWORK: 256, Role.COMPUTE: 512, Role.STORAGE: 256}
DISK_MB = {Role.CONTROLLER: 1024, Role.NETWORK: 0, Role.COMPUTE: 1024, Role.STORAGE: 1024}
"""What each role adds to the system itself; VMs, images and volumes want more than that."""
SYSTEM_MEMORY_MB = 384
SYSTEM_DISK_MB = 2048
INSTALLED_DISK_MB = 512
"""Room that has to be left on a host where everything is installed already."""


def find(scene: Scene) -> Iterator[Finding]:
    """Yield hosts whose memory or free disk is less than their roles need."""
    for look in scene.answered():
        roles = scene.cloud.hosts[look.host].roles
        named = ", ".join(roles)
        memory, needed = look.facts["memory_mb"], _sum(MEMORY_MB, roles) + SYSTEM_MEMORY_MB
        if memory < needed:
            yield Finding(
                look.host,
                "size.memory",
                f"it has {memory} MB of memory, {needed} are needed",
                f"for {named}; VMs come on top of that",
                "give it more memory, or fewer roles",
            )
        disk = _sum(DISK_MB, roles) + SYSTEM_DISK_MB
        if look.grounds.get("authority"):
            disk = INSTALLED_DISK_MB
        free = look.facts["disk_free_mb"].get("/var", 0)
        if free < disk:
            yield Finding(
                look.host,
                "size.disk",
                f"it has {free} MB free under /var, {disk} are needed",
                f"for {named}; images and VMs come on top of that",
                "make room there: df -h /var; du -xh --max-depth=2 /var | sort -h | tail",
            )


def _sum(table: Mapping[Role, int], roles: Sequence[Role]) -> int:
    return sum(table[role] for role in roles)
