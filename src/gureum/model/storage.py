"""Storage as an operator describes it: types for `storage` and `ceph` of cloud.yaml."""

from __future__ import annotations

import enum
from typing import Literal

from pydantic import Field

from gureum.model.part import Name, Part


class BackendKind(enum.StrEnum):
    """What volumes are made of."""

    CEPH = "ceph"
    LVM = "lvm"
    NFS = "nfs"


class Transport(enum.StrEnum):
    """How a volume of LVM comes from its storage host to a compute host."""

    NVME_TCP = "nvme-tcp"
    ISCSI = "iscsi"


class VolumeBackend(Part):
    """A place where volumes lie; there is a volume type of its name."""

    kind: BackendKind
    """What volumes are made of: `ceph`, `lvm` on storage hosts, or files on `nfs`."""
    devices: tuple[str, ...] = Field(
        default=(), examples=[["/dev/disk/by-id/wwn-0x5000c500a1b2c3d5"]]
    )
    """For lvm: the disks of the volume group. Without any, the group is there already."""
    group: str = Field(default="cinder-volumes", pattern=r"^[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}$")
    """For lvm: the name of the volume group."""
    transport: Transport = Transport.ISCSI
    """For lvm: how a volume comes to its compute host: `iscsi`, or `nvme-tcp`, which is not there yet."""
    hosts: tuple[Name, ...] = Field(default=(), examples=[["storage-1"]])
    """For lvm: the storage hosts that have the group; without any, all of them."""
    shares: tuple[str, ...] = Field(default=(), examples=[["192.0.2.5:/volumes"]])
    """For nfs: the exports that volumes are files on."""


class Storage(Part):
    """Where images, disks of VMs, volumes and backups lie."""

    images: Literal["file", "ceph"] | None = Field(default=None, examples=["ceph"])
    """glance's store: `ceph`, or `file`, a folder on the controllers; Ceph where there is one."""
    disks: Literal["local", "ceph"] | None = Field(default=None, examples=["ceph"])
    """Disks of VMs: `ceph`, or `local`, files on their compute host; Ceph where there is one."""
    volumes: dict[Name, VolumeBackend] | None = Field(
        default=None, examples=[{"fast": {"kind": "lvm", "devices": ["/dev/nvme1n1"]}}]
    )
    """The backends of volumes by name, the first for volumes of no type. Where there is Ceph and none
    is named, it is `ceph`; {} is a cloud without volumes."""
    backups: Literal["ceph", "nfs", "none"] | None = Field(default=None, examples=["ceph"])
    """Where backups of volumes go: `ceph`, `nfs` or `none`; Ceph where there is one."""
    objects: Literal["swift", "ceph"] | None = Field(default=None, examples=["ceph"])
    """Who keeps objects: `swift`, which the key swift lays out, or `ceph`, by its gateway. Swift where
    there is that key; without either there are no objects."""
    backup_share: str | None = Field(default=None, examples=["192.0.2.5:/backups"])
    """The export that backups go to with `backups: nfs`."""


class ExistingCeph(Part):
    """A Ceph that is there already, and that gureum only uses."""

    conf: str = Field(examples=["ceph/ceph.conf"])
    """Its ceph.conf, on the machine where gureum runs."""
    keyrings: str = Field(examples=["ceph"])
    """The folder with its ceph.client.NAME.keyring of glance, cinder, cinder-backup and nova."""


class CephPools(Part):
    """Ceph's pools, each for one kind of data."""

    images: str = Field(default="images", pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*$")
    """The images of glance."""
    volumes: str = Field(default="volumes", pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*$")
    """The volumes of cinder."""
    backups: str = Field(default="backups", pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*$")
    """The backups of volumes."""
    vms: str = Field(default="vms", pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*$")
    """The disks of VMs."""


class Ceph(Part):
    """Ceph: on the hosts with the role storage, deployed by gureum, or one that is there already."""

    devices: tuple[str, ...] = Field(
        default=(), examples=[["/dev/disk/by-id/wwn-0x5000c500a1b2c3d4", "/dev/vg0/osd"]]
    )
    """The disks of each storage host: whole disks or logical volumes, best by /dev/disk/by-id. Another
    path is a file that stands for a disk; a lab host has one by itself."""
    file_gigabytes: int = Field(default=20, ge=2, le=10000)
    """How large a file is that stands for a disk; it takes what is written to it."""
    replicas: int | None = Field(default=None, ge=1, le=5, examples=[3])
    """How many copies of everything are kept: by default three, on as many hosts where there are, else
    on as many disks."""
    pools: CephPools = CephPools()
    """The pools by what lies in them."""
    existing: ExistingCeph | None = Field(
        default=None, examples=[{"conf": "ceph/ceph.conf", "keyrings": "ceph"}]
    )
    """A cluster that is there already, by its conf and keyrings; nothing of it is changed."""
