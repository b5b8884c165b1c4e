"""Who may do what in Ceph: a key for each client, and no more rights than its work needs."""

from __future__ import annotations

import base64
import secrets as random_source
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from gureum.model.cloud import Role
from gureum.services.ceph_layout import monitors, volumes_in_ceph
from gureum.services.context import Context
from gureum.state.secrets import Secret

ADMIN = "client.admin"
BOOTSTRAP = "client.bootstrap-osd"
_OBJECTS = (
    ".rgw.root",
    *(f"default.rgw.{kind}" for kind in ("log", "control", "meta")),
    *(f"default.rgw.buckets.{kind}" for kind in ("index", "data", "non-ec")),
)
BOOTSTRAP_KEYRING = "/var/lib/ceph/bootstrap-osd/ceph.keyring"


@dataclass(frozen=True)
class Client:
    """A client of Ceph: its name without `client.`, the group that reads its keyring, its rights."""

    name: str
    group: str
    caps: Mapping[str, str]
    why: str

    @property
    def keyring(self) -> str:
        """Where its key lies on a host, as librados looks for it."""
        return f"/etc/ceph/ceph.client.{self.name}.keyring"


def key(c: Context, entity: str) -> Secret:
    """Return the key of `client.glance` or the like, in Ceph's own form."""
    given = c.ceph_files.keys.get(entity)
    return given or c.secrets.keep(f"ceph.{entity}", new_key)


def new_key() -> str:
    """Return a new key: type, time and length of 128 random bits, as cephx packs them."""
    return base64.b64encode(
        struct.pack("<hiih", 1, 0, 0, 16) + random_source.token_bytes(16)
    ).decode()


def clients(c: Context) -> tuple[Client, ...]:
    """Return every client of the cloud that keeps something in Ceph."""
    cloud = c.cloud
    if cloud.ceph is None:
        return ()
    pools = cloud.ceph.pools
    images = cloud.image_store == "ceph"
    # A volume or a disk that is a copy of an image reads that from the image's own pool.
    parents = f", profile rbd-read-only pool={pools.images}" if images else ""
    found = []
    if images:
        found.append(
            Client(
                "glance",
                "glance",
                _rbd(pools.images),
                "glance keeps images in their pool, and sees no volume and no disk of a VM",
            )
        )
    if volumes_in_ceph(cloud):
        found.append(
            Client(
                "cinder",
                "cinder",
                _rbd(pools.volumes, parents),
                "cinder keeps volumes in their pool, and reads images that volumes are copies of",
            )
        )
    if cloud.backup_target == "ceph":
        found.append(
            Client(
                "cinder-backup",
                "cinder",
                _rbd(pools.backups),
                "backups lie in a pool that the key for volumes does not open, so that what destroys "
                "one cannot destroy the other",
            )
        )
    if cloud.vm_disks == "ceph":
        found.append(
            Client(
                "nova",
                "nova",
                _rbd(pools.vms, f", profile rbd pool={pools.images}" if images else ""),
                "nova keeps disks of VMs in their pool, copies images to them, and makes an image of a disk "
                "inside of Ceph, where each other way leads through the compute host's memory and network",
            )
        )
    if cloud.object_store == "ceph":
        found += [gateway(name) for name in c.controllers]
    return tuple(found)


def gateway(host: str) -> Client:
    """Return the client that is the gateway of objects on a controller.

    Each has a name of its own, by which Ceph tells one from the other.
    """
    return Client(
        gateway_name(host),
        "ceph",
        {"mon": "allow rw", "osd": "allow rwx tag rgw *=*", "mgr": "allow rw"},
        "the gateway of objects writes in the pools that are marked as its own, and in no other",
    )


def gateway_name(host: str) -> str:
    """Return the name of the gateway of objects on a controller, without `client.`."""
    return f"rgw.{host}"


def clients_here(c: Context) -> tuple[Client, ...]:
    """Return the clients that run on the context's host."""
    here = {
        gateway_name(c.host): c.has(Role.CONTROLLER),
        "glance": c.has(Role.CONTROLLER),
        "cinder": c.has(Role.CONTROLLER),
        "cinder-backup": c.has(Role.CONTROLLER),
        "nova": c.has(Role.COMPUTE),
    }
    return tuple(client for client in clients(c) if here.get(client.name))


def _rbd(pool: str, more: str = "") -> dict[str, str]:
    own = f"profile rbd pool={pool}"
    return {"mon": "profile rbd", "osd": own + more, "mgr": own}


def pools(c: Context) -> dict[str, str]:
    """Return the pools that the cloud's clients keep something in, each with what Ceph knows it is for."""
    assert c.cloud.ceph is not None
    names = c.cloud.ceph.pools
    of = {
        "glance": names.images,
        "cinder": names.volumes,
        "cinder-backup": names.backups,
        "nova": names.vms,
    }
    found = {of[client.name]: "rbd" for client in clients(c) if client.name in of}
    if c.cloud.object_store == "ceph":
        # The gateway would make them itself, with as many copies as there are places for on that day.
        found |= dict.fromkeys(_OBJECTS, "rgw")
    return found


def granted(c: Context) -> dict[str, tuple[Secret, dict[str, str]]]:
    """Return every entity that gureum makes in its own Ceph: its key and its rights."""
    full = {"mon": "allow *", "osd": "allow *", "mds": "allow *", "mgr": "allow *"}
    watch = {"mon": "allow profile mgr", "osd": "allow *", "mds": "allow *"}
    return {
        ADMIN: (key(c, ADMIN), full),
        BOOTSTRAP: (key(c, BOOTSTRAP), {"mon": "allow profile bootstrap-osd"}),
        **{f"mgr.{name}": (key(c, f"mgr.{name}"), watch) for name in monitors(c)},
        **{
            f"client.{client.name}": (key(c, f"client.{client.name}"), dict(client.caps))
            for client in clients(c)
        },
    }


def keyring(entries: Mapping[str, tuple[Secret, Mapping[str, str]]]) -> str:
    """Return keys and rights as a keyring file has them; without rights the key alone."""
    lines = []
    for entity, (secret, caps) in entries.items():
        lines += [f"[{entity}]", f"\tkey = {secret.reveal()}"]
        lines += [f'\tcaps {service} = "{may}"' for service, may in caps.items()]
    return "\n".join(lines) + "\n"
