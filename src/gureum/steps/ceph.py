"""Desired states of Ceph: its monitors, disks, keys and pools, and what its clients need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gureum.state.secrets import Secret
from gureum.steps.step import State


def key_mark(key: Secret) -> str:
    """Return what tells two keys of Ceph apart and opens nothing."""
    return "key " + hashlib.sha256(key.reveal().encode()).hexdigest()[:8]


@dataclass(frozen=True, kw_only=True)
class CephMonitorMade(State):
    """A monitor has a store of this cluster. `members` are all monitors: name -> address.

    The first ones begin the cluster together. One that comes later takes the map from those that
    are there.
    """

    kind: ClassVar[str] = "ceph_monitor"
    name: str
    fsid: str
    members: Mapping[str, str]
    key: Secret
    admin: Secret

    def expected(self) -> dict[str, Any]:
        return {"made": True}

    def title(self) -> str:
        return f"mon.{self.name}"


@dataclass(frozen=True, kw_only=True)
class CephPopulated(State):
    """Ceph knows these keys with exactly these rights, and has these pools.

    `keys` maps an entity to its key and rights by service, `pools` a name to what the pool is for (rbd,
    rgw); `domain` is what no two copies share.
    Other keys and pools stay as they are, but for the pool that Ceph makes for itself: it has as many
    copies as these. Asked on a host with the administrator's key.
    """

    kind: ClassVar[str] = "ceph_cluster"
    keys: Mapping[str, tuple[Secret, Mapping[str, str]]]
    domain: str
    pools: Mapping[str, str]
    replicas: int
    least: int

    def expected(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            f"key:{entity}": {"key": key_mark(key), "caps": dict(caps)}
            for entity, (key, caps) in self.keys.items()
        }
        for pool, purpose in self.pools.items():
            wanted[f"pool:{pool}"] = {
                "replicas": self.replicas,
                "least": self.least,
                "apart": self.domain,
                "for": [purpose],
            }
        if self.pools:
            wanted["own pool"] = "as the others"
        return wanted

    def title(self) -> str:
        return ", ".join(self.pools or self.keys)


@dataclass(frozen=True, kw_only=True)
class CephUsable(State):
    """Data of these pools can be read and written, and at first all `disks` are there.

    A disk that is lost later does not count as long as data can be read and written.
    """

    kind: ClassVar[str] = "ceph_usable"
    disks: int
    pools: tuple[str, ...]
    within: float = 120.0

    def expected(self) -> dict[str, Any]:
        return {"usable": True}

    def title(self) -> str:
        return f"{self.disks} disk{'s' if self.disks != 1 else ''}"


@dataclass(frozen=True, kw_only=True)
class CephOsdMade(State):
    """A disk belongs to Ceph as the OSD `uuid`, whose folder is `folder`.

    `file_bytes` makes a file of this size where `device` is no block device. A disk that holds
    anything else is refused; one that was this OSD before is taken up again with its data.
    """

    kind: ClassVar[str] = "ceph_osd"
    uuid: str
    fsid: str
    device: str
    file_bytes: int
    folder: str
    key: Secret
    conf: str
    keyring: str

    def expected(self) -> dict[str, Any]:
        return {"osd": self.uuid, "device": self.device}

    def title(self) -> str:
        return self.device


@dataclass(frozen=True, kw_only=True)
class LibvirtSecret(State):
    """libvirt keeps a key of Ceph under this id, for the disks of VMs that lie there."""

    kind: ClassVar[str] = "libvirt_secret"
    uuid: str
    name: str
    key: Secret

    def expected(self) -> dict[str, Any]:
        return {"name": self.name, "key": key_mark(self.key)}

    def title(self) -> str:
        return self.name
