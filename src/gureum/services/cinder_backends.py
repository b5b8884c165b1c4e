"""The backends of volumes: a section of cinder.conf each, and what their hosts need for them."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.storage import BackendKind, Transport, VolumeBackend
from gureum.services.ceph_layout import CONF as CEPH_CONF
from gureum.services.ceph_layout import secret_uuid
from gureum.services.cinder_config import FILE, STATE
from gureum.services.cinder_places import served
from gureum.services.context import Context, options_in
from gureum.services.declaration import Opening, OpenTo, TextFile

MOUNTS = f"{STATE}/mnt"
_TARGET_PORTS = {Transport.NVME_TCP: 4420, Transport.ISCSI: 3260}
_TARGETS = {Transport.NVME_TCP: "nvmet", Transport.ISCSI: "lioadm"}
_PROTOCOLS = {Transport.NVME_TCP: "nvmet_tcp", Transport.ISCSI: "iscsi"}


def options(c: Context) -> Iterator[Option]:
    """Yield the options of every backend of the context's host."""
    mine = served(c)
    if not mine:
        return
    conf = options_in(FILE, "cinder")
    yield conf(
        "DEFAULT",
        "enabled_backends",
        tuple(mine),
        "what volumes of this host are made of, a section for each (cloud.yaml: storage.volumes)",
    )
    for name, backend in mine.items():
        yield conf(
            name,
            "volume_backend_name",
            name,
            "the volume type of the same name asks for it, and so comes here",
        )
        yield from {
            BackendKind.CEPH: _ceph,
            BackendKind.LVM: _lvm,
            BackendKind.NFS: _nfs,
        }[backend.kind](c, name, backend)


def _ceph(c: Context, name: str, _: VolumeBackend) -> Iterator[Option]:
    conf = options_in(FILE, "cinder")
    assert c.cloud.ceph is not None
    yield conf(
        name,
        "volume_driver",
        "cinder.volume.drivers.rbd.RBDDriver",
        "volumes are images of RBD: snapshots and clones of them cost nothing when they are made",
    )
    yield conf(
        name,
        "rbd_pool",
        c.cloud.ceph.pools.volumes,
        "the pool that the key of cinder opens, and no other key of the cloud for writing",
    )
    yield conf(
        name,
        "rbd_ceph_conf",
        CEPH_CONF,
        "where the monitors are stands in one file for every client of this host",
    )
    yield conf(
        name,
        "rbd_user",
        "cinder",
        "cinder's own client of Ceph; nova is told to open a volume as the same",
    )
    yield conf(
        name,
        "rbd_secret_uuid",
        secret_uuid(c, "cinder"),
        "every compute host keeps that client's key in libvirt under this id",
    )
    yield conf(
        name,
        "rados_connect_timeout",
        10,
        "while Ceph is away a request fails and says so, where the default would wait for ever",
    )
    yield conf(
        name,
        "report_discard_supported",
        True,
        "what a VM deletes on its volume is given back to the cluster",
    )


def _lvm(c: Context, name: str, backend: VolumeBackend) -> Iterator[Option]:
    conf = options_in(FILE, "cinder")
    nvme = backend.transport is Transport.NVME_TCP
    yield conf(
        name,
        "volume_driver",
        "cinder.volume.drivers.lvm.LVMVolumeDriver",
        "volumes are logical volumes of this host, shown to compute hosts over the network",
    )
    yield conf(
        name,
        "volume_group",
        backend.group,
        "of the volume groups of this host the one that is cinder's (cloud.yaml: storage.volumes)",
    )
    yield conf(
        name,
        "lvm_type",
        "thin",
        "a volume takes the room of what is written to it, and a snapshot slows nothing down",
    )
    yield conf(
        name,
        "volume_clear",
        "none",
        "blocks of a thin pool read as zeros until they are written: nothing of a former owner shows",
    )
    yield conf(
        name,
        "target_helper",
        _TARGETS[backend.transport],
        "the kernel's own NVMe target, without a daemon that every byte would pass through"
        if nvme
        else "the kernel's own iSCSI target (LIO), without a daemon that every byte would pass through",
    )
    yield conf(
        name,
        "target_protocol",
        _PROTOCOLS[backend.transport],
        "NVMe over TCP costs the processor a part of what iSCSI does, over the same network"
        if nvme
        else "compute hosts of any age can attach a volume by iSCSI",
    )
    yield conf(
        name,
        "target_ip_address",
        c.address,
        "volumes are offered on the management network, which project networks do not reach",
    )
    yield conf(
        name,
        "target_port",
        _TARGET_PORTS[backend.transport],
        "the number that is assigned to the protocol; the firewall opens it to compute hosts",
    )


def _nfs(_: Context, name: str, __: VolumeBackend) -> Iterator[Option]:
    conf = options_in(FILE, "cinder")
    yield conf(
        name,
        "volume_driver",
        "cinder.volume.drivers.nfs.NfsDriver",
        "volumes are files on exports, which compute hosts mount as well",
    )
    yield conf(
        name,
        "nfs_shares_config",
        _shares_path(name),
        "the exports stand in a file of their own, one a line, as the driver wants it",
    )
    yield conf(
        name,
        "nfs_mount_point_base",
        MOUNTS,
        "mounted in cinder's own folder; nova mounts the same in its own",
    )
    yield conf(
        name,
        "nfs_snapshot_support",
        True,
        "a snapshot is a further file on top of the volume's; off, volumes on NFS have none",
    )
    yield conf(
        name,
        "nas_secure_file_operations",
        "true",
        "files are cinder's and written as cinder, not as root, whom exports seldom let write",
    )
    yield conf(
        name,
        "nas_secure_file_permissions",
        "true",
        "nobody but cinder and nova's group may read a volume's file on the server",
    )


def files(c: Context) -> tuple[TextFile, ...]:
    """Return the lists of exports of the host's backends on NFS."""
    return tuple(
        TextFile(
            path=_shares_path(name),
            content="".join(f"{share}\n" for share in backend.shares),
            why=f"the exports that volumes of {name} are files on, as cloud.yaml names them",
            group="cinder",
            mode=0o640,
        )
        for name, backend in served(c).items()
        if backend.kind is BackendKind.NFS
    )


def openings(c: Context) -> tuple[Opening, ...]:
    """Return where the kernel offers volumes of LVM, as soon as there are some to offer."""
    offered = {b.transport for b in served(c).values() if b.kind is BackendKind.LVM}
    return tuple(
        Opening(
            first=_TARGET_PORTS[transport],
            last=_TARGET_PORTS[transport],
            purpose=f"volumes by {transport}",
            open_to=OpenTo.CLOUD,
        )
        for transport in Transport
        if transport in offered
    )


def _shares_path(name: str) -> str:
    return f"/etc/cinder/shares-{name}"
