"""Volumes that lie on a host alone: LVM's, which leave with its disks."""

from __future__ import annotations

from typing import Any

from gureum.errors import GureumError
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed
from gureum.services.cinder_places import of_lvm

SHOWN = 10


def check_volumes(deployment: Deployment, api: Any, host: str) -> None:
    """Raise GureumError, naming them, where volumes are on the disks of a host that is to leave."""
    cloud = deployment.cloud
    backends = [
        name
        for name, backend in cloud.backends.items()
        if of_lvm(backend) and host in cloud.hosts_of_lvm(backend)
    ]
    if not backends:
        return
    mine = {f"{host}@{name}" for name in backends}
    volumes = [
        volume
        for volume in api.block_storage.volumes(all_projects=True)
        if str(volume.host or "").partition("#")[0] in mine
    ]
    if not volumes:
        return
    listed = [f"{v.name or 'a volume'} ({v.id}, {v.size} GB, {v.status})" for v in volumes]
    more = [f"and {len(listed) - SHOWN} more"] if len(listed) > SHOWN else []
    raise GureumError(
        f"{host} cannot leave: {len(volumes)} volume{'s' if len(volumes) != 1 else ''} lie on its disks",
        detail="\n".join([*listed[:SHOWN], *more]),
        hint=typed(
            deployment.loaded, "openstack", "volume", "migrate", "--host", "HOST@BACKEND#POOL",
            volumes[0].id,
        ),
    )  # fmt: skip
