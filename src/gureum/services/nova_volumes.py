"""How nova comes to volumes of cinder, and to disks of VMs that lie in Ceph."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.storage import BackendKind, Transport
from gureum.services import ceph
from gureum.services.ceph_layout import CONF as CEPH_CONF
from gureum.services.ceph_layout import secret_uuid
from gureum.services.context import Context, options_in
from gureum.services.credentials import auth_options

_FILE = "nova.conf"


def options(c: Context) -> Iterator[Option]:
    """Yield the options by which every unit of nova finds cinder."""
    conf = options_in(_FILE, "nova")
    yield from auth_options(
        c, _FILE, "nova", "cinder", "nova asks cinder for volumes where no user waits", region=False
    )
    yield conf(
        "cinder",
        "os_region_name",
        c.cloud.region,
        "of a catalogue with several regions nova takes the cinder of its own",
    )
    yield conf(
        "cinder",
        "catalog_info",
        "block-storage::publicURL",
        "cinder stands in the catalogue under the name of its type today, not under that of its third API",
    )


def disk_options(c: Context) -> Iterator[Option]:
    """Yield the options of a compute host whose VMs have their disks in Ceph."""
    conf = options_in(_FILE, "nova")
    assert c.cloud.ceph is not None
    yield conf(
        "libvirt",
        "images_type",
        "rbd",
        "disks of VMs lie in Ceph: one made from a raw image there is ready without copying it, and its "
        "VM moves without its disk",
    )
    yield conf(
        "libvirt",
        "images_rbd_pool",
        c.cloud.ceph.pools.vms,
        "the pool that the key of nova opens, and no other key of the cloud for writing",
    )
    yield conf(
        "libvirt",
        "images_rbd_ceph_conf",
        CEPH_CONF,
        "where the monitors are, in the one file for every client of this host",
    )
    yield conf(
        "libvirt",
        "rbd_user",
        "nova",
        "nova's own client of Ceph: it reads images, writes disks, and opens no volume",
    )
    yield conf(
        "libvirt",
        "rbd_secret_uuid",
        secret_uuid(c, "nova"),
        "libvirt keeps that client's key under this id and hands it to QEMU by itself",
    )
    yield conf(
        "libvirt",
        "disk_cachemodes",
        ("network=writeback",),
        "librbd gathers writes and lets them go when the VM asks to, so that nothing asked for is lost",
    )
    yield conf(
        "libvirt",
        "hw_disk_discard",
        "unmap",
        "what a VM deletes is given back to the cluster, which sees no file system inside of a disk",
    )


def packages(c: Context) -> tuple[str, ...]:
    """Return what a compute host attaches volumes of the cloud with; Ceph's are opened by QEMU."""
    backends = c.cloud.backends.values()
    transports = {b.transport for b in backends if b.kind is BackendKind.LVM}
    return (
        *(("nvme-cli",) if Transport.NVME_TCP in transports else ()),
        *(("open-iscsi",) if Transport.ISCSI in transports else ()),
        *(("nfs-common",) if any(b.kind is BackendKind.NFS for b in backends) else ()),
    )


def ready(c: Context) -> tuple[str, ...]:
    """Return the steps that nova-compute waits for where VMs have something in Ceph."""
    if c.cloud.ceph is None:
        return ()
    return (*ceph.secrets_ready(c), *(ceph.ready(c) if c.cloud.vm_disks == "ceph" else ()))


def reads(c: Context) -> tuple[str, ...]:
    """Return the files of Ceph that nova-compute reads."""
    return (CEPH_CONF, ceph.keyring_of(c, "nova")) if c.cloud.vm_disks == "ceph" else ()
