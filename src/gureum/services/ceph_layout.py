"""How a cloud's own Ceph is laid out: who watches, where copies lie, and what it is called."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence

from gureum.model.cloud import Cloud
from gureum.model.storage import BackendKind
from gureum.services.context import Context
from gureum.state.secrets import Secrets

CONF = "/etc/ceph/ceph.conf"
GATEWAY = "client.rgw"
"""How the sections of ceph.conf begin that gateways of objects read."""
_DAEMONS = ("mon", "mgr", "osd", GATEWAY)
_GROUP = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
"""The namespace of what is named after something else (RFC 4122, appendix C)."""


def monitors(c: Context) -> tuple[str, ...]:
    """Return the hosts of Ceph's monitors."""
    return monitors_of(c.storage_hosts)


def monitors_of(storage_hosts: Sequence[str]) -> tuple[str, ...]:
    """Return which of the storage hosts have a monitor: three where there are, else one.

    Two would be worse than one: both would be needed, for a majority of two is two.
    """
    return tuple(storage_hosts[: 3 if len(storage_hosts) >= 3 else 1])


def fsid(c: Context) -> str:
    """Return the id of the cloud's own cluster."""
    return fsid_of(c.secrets)


def fsid_of(secrets: Secrets) -> str:
    """Return a cluster's id: made from a secret of its cloud, and none itself."""
    seed = secrets.password("ceph.fsid").reveal().encode()
    return str(uuid.UUID(bytes=hashlib.sha256(seed).digest()[:16], version=4))


def disks(c: Context) -> int:
    """Return how many disks Ceph has in the whole cloud."""
    return sum(len(c.cloud.devices_of(name)) for name in c.storage_hosts)


def domain(c: Context) -> str:
    """Return what no two copies share: their host, or on a single host their disk."""
    return "host" if len(c.storage_hosts) > 1 else "osd"


def replicas(c: Context) -> int:
    """Return how many copies there are of everything."""
    asked = c.cloud.ceph.replicas if c.cloud.ceph else None
    places = len(c.storage_hosts) if domain(c) == "host" else disks(c)
    return asked or max(1, min(3, places))


def least(c: Context) -> int:
    """Return how many copies have to be there for data to be written."""
    return 2 if replicas(c) > 2 else 1


def osd_uuid(c: Context, host: str, device: str) -> str:
    """Return the id of the OSD of a disk in the cloud's own cluster."""
    return osd_uuid_of(fsid(c), host, device)


def osd_uuid_of(cluster: str, host: str, device: str) -> str:
    """Return the id that an OSD has for life: its cluster's, host's and disk's names make it."""
    return str(uuid.uuid5(_GROUP, f"{cluster}/{host}/{device}"))


def secret_uuid(c: Context, client: str) -> str:
    """Return the id under which libvirt keeps a client's key."""
    return str(uuid.uuid5(_GROUP, f"{c.cloud.name}/ceph/{client}"))


def unread_by(*kinds: str) -> dict[str, tuple[str, ...]]:
    """Return what of ceph.conf a unit does not read that is none of these kinds of daemons.

    A client is none of them: options of daemons restart no service of OpenStack.
    """
    return {CONF: tuple(f"{kind}.*" for kind in _DAEMONS if kind not in kinds)}


def volumes_in_ceph(cloud: Cloud) -> bool:
    """Tell whether a backend of volumes is Ceph."""
    return any(b.kind is BackendKind.CEPH for b in cloud.backends.values())
