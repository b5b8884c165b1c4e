"""How Swift is laid out: where its servers listen, which disks its rings have, and under which names."""

from __future__ import annotations

import hashlib
import uuid

from gureum.model.cloud import Role
from gureum.model.device_name import short
from gureum.services.context import Context
from gureum.steps.swift import RingDevice

ETC = "/etc/swift"
STATE = "/var/lib/swift"
CACHE = "/var/cache/swift"
NODES = "/srv/node"
FOLDER = f"{ETC}/rings"
"""Builders and rings, as they are offered to other hosts; Swift reads copies of the rings in `ETC`."""
PORTS = {"account": 6202, "container": 6201, "object": 6200}
PROXY_PORT = 8080
RSYNC_PORT = 6873
"""rsync's own port takes root's rights."""
WEIGHT = 100.0
_GROUP = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


def stores(c: Context) -> bool:
    """Tell whether the context's host keeps objects."""
    return c.cloud.swift is not None and c.has(Role.STORAGE)


def proxies(c: Context) -> bool:
    """Tell whether the context's host answers users of Swift."""
    return c.cloud.swift is not None and c.has(Role.CONTROLLER)


def place(device: str) -> str:
    """Return where a disk is mounted."""
    return f"{NODES}/{short(device)}"


def disk_uuid(c: Context, device: str) -> str:
    """Return the id for life of a disk's file system: the cloud's, the host's and the disk's name make it."""
    seed = c.secrets.password("swift.disks").reveal().encode()
    cloud = uuid.UUID(bytes=hashlib.sha256(seed).digest()[:16], version=4)
    return str(uuid.uuid5(_GROUP, f"{cloud}/{c.host}/{device}"))


def devices(c: Context) -> dict[str, RingDevice]:
    """Return every disk of the rings by `HOST:PATH`; one that is drained takes nothing."""
    assert c.cloud.swift is not None
    drain = set(c.cloud.swift.drain)
    return {
        f"{host}:{device}": RingDevice(
            ip=c.addresses[host],
            name=short(device),
            weight=0.0 if {host, f"{host}:{device}"} & drain else WEIGHT,
        )
        for host in c.storage_hosts
        for device in c.cloud.swift_devices_of(host)
    }


def replicas(c: Context) -> int:
    """Return how many copies there are of everything."""
    assert c.cloud.swift is not None
    taking = sum(device.weight > 0 for device in devices(c).values())
    return c.cloud.swift.replicas or max(1, min(3, taking))


def members(c: Context) -> tuple[str, ...]:
    """Return the hosts that have rings: controllers, and whoever keeps objects."""
    return tuple(dict.fromkeys((*c.controllers, *c.storage_hosts)))


def rsync_url(address: str, module: str) -> str:
    """Return where a module of a host's rsync server is."""
    return f"rsync://{address}:{RSYNC_PORT}/{module}"
