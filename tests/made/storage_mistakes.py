"""Clouds with a mistake in their storage: text, line, words of the mistake and of the way out."""

from __future__ import annotations

ONE = "hosts:\n  one:\n    roles: [controller, network, compute]\n"
ALL = ONE.replace("compute", "compute, storage")
PROVIDER = "networks:\n  provider:\n    cidr: 203.0.113.0/24\n"

STORAGE_CASES: dict[str, tuple[str, int, str, str]] = {
    "storage of nothing": (ALL, 3, "nothing is stored there", "add ceph: {}"),
    "storage beside a Ceph": (
        ALL + "ceph: {existing: {conf: a, keyrings: b}}\n",
        3,
        "nothing is stored there",
        "take the role storage from one",
    ),
    "Ceph on nothing": (
        ONE + "ceph: {}\n",
        4,
        "no host has the role storage",
        "roles: [controller, network, compute, storage]",
    ),
    "Ceph without a disk": (
        ALL + "    connection: local\n" + PROVIDER + "ceph: {}\n",
        3,
        "Ceph has no disk on one",
        "hosts.one.devices: [/dev/sdb]",
    ),
    "copies without places": (
        ALL + "ceph: {replicas: 3}\n",
        4,
        "ceph.replicas is 3, and there are 1 disks of Ceph",
        "ceph.replicas: 1",
    ),
    "a disk without a folder": (
        ALL + "ceph: {devices: [sdb]}\n",
        4,
        "'sdb' is no disk",
        "/dev/sdb",
    ),
    "a disk twice": (
        ALL + "ceph: {devices: [/dev/sdb, /dev/sdb]}\n",
        4,
        "/dev/sdb is named 2 times",
        "name it once",
    ),
    "disks of nobody": (
        ONE + "    devices: [/dev/sdb]\n",
        4,
        "Ceph has nothing on one",
        "add ceph: {}",
    ),
    "a disk for two": (
        ALL + "ceph: {devices: [/dev/sdb]}\n"
        "storage: {volumes: {a: {kind: lvm, devices: [/dev/sdb]}}}\n",
        5,
        "is for Ceph and for the backend a",
        "leave it to one",
    ),
    "a group for two": (
        ALL + "storage: {volumes: {a: {kind: lvm}, b: {kind: lvm}}}\n",
        4,
        "have one volume group on one, cinder-volumes",
        "give b a group of its own",
    ),
    "images in no Ceph": (
        ONE + "storage: {images: ceph}\n",
        4,
        "storage.images is ceph, and the cloud has no Ceph",
        "add ceph: {}",
    ),
    "a backend in no Ceph": (
        ONE + "storage: {volumes: {a: {kind: ceph}}}\n",
        4,
        "storage.volumes.a.kind is ceph",
        "add ceph: {}",
    ),
    "one pool as two backends": (
        ALL + "ceph: {}\nstorage: {volumes: {a: {kind: ceph}, b: {kind: ceph}}}\n",
        5,
        "the same pool of Ceph",
        "leave b out",
    ),
    "a backend with a name that is taken": (
        ALL + "storage: {volumes: {nova: {kind: lvm}}}\n",
        4,
        "a backend cannot be called 'nova'",
        "nova-1",
    ),
    "a key of another kind": (
        ALL + "ceph: {}\nstorage: {volumes: {a: {kind: ceph, shares: [a:/b]}}}\n",
        5,
        "the backend a is ceph, and shares is for nfs",
        "take kind: nfs",
    ),
    "NVMe without a library": (
        ALL + "storage: {volumes: {a: {kind: lvm, transport: nvme-tcp}}}\n",
        4,
        "by nvme-tcp, which is not supported yet",
        "transport: iscsi",
    ),
    "LVM on nothing": (
        ONE + "storage: {volumes: {a: {kind: lvm}}}\n",
        4,
        "the backend a is LVM, and no host has the role storage",
        "give a host the role storage",
    ),
    "LVM on a host that is not there": (
        ALL + "storage: {volumes: {a: {kind: lvm, hosts: [oen]}}}\n",
        4,
        "there is no host 'oen'",
        "did you mean 'one'?",
    ),
    "NFS without shares": (
        ONE + "storage: {volumes: {a: {kind: nfs}}}\n",
        4,
        "the backend a has no shares",
        "shares: [192.0.2.5:/volumes]",
    ),
    "a share without a server": (
        ONE + "storage: {volumes: {a: {kind: nfs, shares: [/volumes]}}}\n",
        4,
        "'/volumes' is no export of NFS",
        "192.0.2.5:/volumes",
    ),
    "backups without a share": (
        ALL + "ceph: {}\nstorage: {backups: nfs}\n",
        5,
        "no export is given",
        "storage.backup_share",
    ),
    "a share for no backups": (
        ALL + "ceph: {}\nstorage: {backup_share: a:/b}\n",
        5,
        "backups do not go to nfs",
        "storage.backups: nfs",
    ),
    "backups of nothing": (
        ONE + "storage: {backups: nfs, backup_share: a:/b}\n",
        4,
        "the cloud has no volumes",
        "add a backend",
    ),
    "two uses of a pool": (
        ALL + "ceph: {pools: {vms: volumes}}\n",
        4,
        "volumes and vms have one pool, volumes",
        "give vms a pool of its own",
    ),
    "disks of an existing Ceph": (
        ONE + "ceph: {replicas: 3, existing: {conf: a, keyrings: b}}\n",
        4,
        "ceph.replicas is given, and the Ceph is there already",
        "leave replicas out",
    ),
}
