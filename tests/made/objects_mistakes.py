"""Clouds with a mistake in their Swift: text, line, words of the mistake and of the way out."""

from __future__ import annotations

from storage_mistakes import ALL, ONE, PROVIDER

OBJECTS_CASES: dict[str, tuple[str, int, str, str]] = {
    "Swift on nothing": (
        ONE + "swift: {}\n",
        4,
        "there is to be a Swift, and no host has the role storage",
        "roles: [controller, network, compute, storage]",
    ),
    "Swift without a disk": (
        ALL + "    connection: local\n" + PROVIDER + "swift: {}\n",
        3,
        "Swift has no disk on one",
        "hosts.one.swift_devices: [/dev/sdc]",
    ),
    "copies of objects without disks": (
        ALL + "swift: {replicas: 4}\n",
        4,
        "swift.replicas is 4, and Swift has 3 disks",
        "swift.replicas: 3",
    ),
    "a disk for Ceph and Swift": (
        ALL + "ceph: {devices: [/dev/sdb]}\nswift: {devices: [/dev/sdb]}\n",
        5,
        "/dev/sdb of one is for Ceph and for Swift",
        "leave it to one of the two",
    ),
    "disks of Ceph where Swift is": (
        ALL + "    devices: [/dev/sdb]\nswift: {}\n",
        4,
        "Ceph has nothing on one",
        "call them hosts.one.swift_devices",
    ),
    "Swift's disks of nobody": (
        ONE + "    swift_devices: [/dev/sdb]\n",
        4,
        "Swift has nothing on one",
        "add swift: {}",
    ),
    "two disks of one name": (
        ALL + "swift: {devices: [/dev/sdb, /dev/disk/by-id/sdb]}\n",
        4,
        "would both be called sdb",
        "by another path",
    ),
    "a drained disk that is not there": (
        ALL + "swift: {drain: [oen]}\n",
        4,
        "'oen' is neither a storage host nor a disk",
        "one",
    ),
    "objects in Ceph and a Swift": (
        ALL + "ceph: {}\nswift: {}\nstorage: {objects: ceph}\n",
        6,
        "objects are to lie in Ceph, and there is a Swift as well",
        "leave swift out",
    ),
    "objects in a Ceph that is not there": (
        ONE + "storage: {objects: ceph}\n",
        4,
        "storage.objects is ceph, and the cloud has no Ceph",
        "add ceph: {}",
    ),
    "objects in a Ceph of others": (
        ONE + "ceph: {existing: {conf: ceph.conf, keyrings: keys}}\nstorage: {objects: ceph}\n",
        5,
        "objects are to lie in a Ceph that is not the cloud's own",
        "leave storage.objects out",
    ),
    "objects in a Swift that is not there": (
        ONE + "storage: {objects: swift}\n",
        4,
        "storage.objects is swift, and the cloud has no Swift",
        "add swift: {}",
    ),
    "every disk drained": (
        ALL + "swift: {drain: [one]}\n",
        4,
        "every disk of Swift is to be drained",
        "leave some disks out",
    ),
}
