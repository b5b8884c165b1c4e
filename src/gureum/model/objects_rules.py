"""What Swift of a cloud must fulfil: rules of `gureum.model.validate`, in a file of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gureum.diagnostics import did_you_mean
from gureum.model.cloud import Cloud, Role
from gureum.model.device_name import short
from gureum.model.problem import KeyPath, Problem


def swift_has_disks(cloud: Cloud) -> Iterator[Problem]:
    for name, host in cloud.hosts.items():
        if host.swift_devices and not (cloud.swift and Role.STORAGE in host.roles):
            yield Problem(
                ("hosts", name, "swift_devices"),
                f"hosts.{name}.swift_devices is given, but Swift has nothing on {name}",
                "they are disks of Swift, whose data lies on hosts with the role storage",
                f"give {name} the role storage, or leave swift_devices out"
                if cloud.swift
                else "add swift: {}, or leave swift_devices out",
            )
    if cloud.swift is None:
        return
    hosts = [name for name, _ in cloud.hosts_with(Role.STORAGE)]
    if not hosts:
        name, host = next(iter(cloud.hosts.items()))
        yield Problem(
            ("swift",),
            "there is to be a Swift, and no host has the role storage",
            "Swift keeps objects on the disks of storage hosts",
            f"e.g. hosts.{name}.roles: [{', '.join((*host.roles, Role.STORAGE))}]",
        )
    for name in hosts:
        if not cloud.swift_devices_of(name):
            yield Problem(
                ("hosts", name, "roles"),
                f"Swift has no disk on {name}",
                "only a lab host has files for disks by itself",
                f"e.g. hosts.{name}.swift_devices: [/dev/sdc], or swift.devices where all hosts are alike",
            )


def swift_replicas_have_disks(cloud: Cloud) -> Iterator[Problem]:
    if cloud.swift is None or cloud.swift.replicas is None:
        return
    disks = sum(len(cloud.swift_devices_of(name)) for name in cloud.hosts)
    if disks and cloud.swift.replicas > disks:
        yield Problem(
            ("swift", "replicas"),
            f"swift.replicas is {cloud.swift.replicas}, and Swift has {disks} disk"
            f"{'s' if disks > 1 else ''}",
            "each copy lies on another disk, so that no two are lost at once",
            f"swift.replicas: {disks}, or more disks",
        )


def swift_disks_have_names(cloud: Cloud) -> Iterator[Problem]:
    """Two disks of a host that would be mounted at the same place."""
    for name in cloud.hosts:
        devices = cloud.swift_devices_of(name)
        named = Counter(short(device) for device in dict.fromkeys(devices))
        for twice in (one for one, count in named.items() if count > 1):
            path: KeyPath = (
                ("hosts", name, "swift_devices")
                if cloud.hosts[name].swift_devices
                else ("swift", "devices")
            )
            same = [device for device in devices if short(device) == twice]
            yield Problem(
                path,
                f"{' and '.join(same)} of {name} would both be called {twice}",
                "a disk of Swift is mounted under a short name, /srv/node/NAME",
                "name one of them by another path",
            )


def what_is_drained_is_there(cloud: Cloud) -> Iterator[Problem]:
    if cloud.swift is None:
        return
    disks = {
        host: {f"{host}:{device}" for device in cloud.swift_devices_of(host)}
        for host, _ in cloud.hosts_with(Role.STORAGE)
    }
    known = [*disks, *(one for there in disks.values() for one in there)]
    for number, leaving in enumerate(cloud.swift.drain):
        if leaving not in known:
            yield Problem(
                ("swift", "drain", number),
                f"{leaving!r} is neither a storage host nor a disk that Swift has on one",
                "a disk is written as HOST:PATH",
                did_you_mean(leaving, known) or f"known are {', '.join(known)}",
            )
    rest = set().union(*disks.values()) if disks else set()
    rest -= {d for one in cloud.swift.drain for d in disks.get(one, {one})}
    if cloud.swift.drain and not rest:
        yield Problem(
            ("swift", "drain"),
            "every disk of Swift is to be drained",
            "what they hold needs somewhere to go",
            "leave some disks out of swift.drain",
        )


def objects_have_one_keeper(cloud: Cloud) -> Iterator[Problem]:
    path: KeyPath = ("storage", "objects")
    if cloud.storage.objects == "ceph":
        if cloud.swift:
            yield Problem(
                path,
                "objects are to lie in Ceph, and there is a Swift as well",
                "the catalogue has one object store",
                "leave swift out, or say storage.objects: swift",
            )
        if cloud.ceph and cloud.ceph.existing:
            yield Problem(
                path,
                "objects are to lie in a Ceph that is not the cloud's own",
                "a Ceph that was there before has gateways of its own, if any, and nothing of it is changed",
                "leave storage.objects out",
            )
    elif cloud.storage.objects == "swift" and not cloud.swift:
        yield Problem(
            path,
            "storage.objects is swift, and the cloud has no Swift",
            "the key swift lays it out",
            "add swift: {} and the role storage",
        )


OBJECTS_RULES = (
    swift_has_disks,
    swift_replicas_have_disks,
    swift_disks_have_names,
    what_is_drained_is_there,
    objects_have_one_keeper,
)
"""What `gureum.model.validate` asks of Swift."""
