"""What storage of a cloud must fulfil: rules of `gureum.model.validate`, in a file of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gureum.diagnostics import did_you_mean
from gureum.model.cloud import Cloud, Role
from gureum.model.problem import KeyPath, Problem
from gureum.model.storage import BackendKind, Transport, VolumeBackend

VOLUMES: KeyPath = ("storage", "volumes")
_SHARE = re.compile(r"[\w.-]+:/\S*|\[[0-9A-Fa-f:]+\]:/\S*")
_TAKEN = ("backend", "barbican", "coordination", "cors", "database", "healthcheck", "nova")
_TAKEN_TOO = ("privsep", "profiler", "ssl", "vault", "fc-zone-manager")
RESERVED = frozenset((*_TAKEN, *_TAKEN_TOO))
"""Sections that cinder.conf has already; each backend is one of its own."""


def storage_hosts_have_work(cloud: Cloud) -> Iterator[Problem]:
    for name, _ in cloud.hosts_with(Role.STORAGE):
        if (
            cloud.deploys_ceph
            or cloud.swift
            or any(name in cloud.hosts_of_lvm(b) for b in cloud.backends.values())
        ):
            continue
        yield Problem(
            ("hosts", name, "roles"),
            f"{name} has the role storage, and nothing is stored there",
            "the cloud has its Ceph elsewhere"
            if cloud.ceph
            else "the cloud has no Ceph and no Swift of its own, and no backend of volumes that is LVM",
            f"take the role storage from {name}" if cloud.ceph else "add ceph: {}",
        )


def ceph_has_disks(cloud: Cloud) -> Iterator[Problem]:
    if not cloud.deploys_ceph:
        return
    hosts = [name for name, _ in cloud.hosts_with(Role.STORAGE)]
    if not hosts:
        name, host = next(iter(cloud.hosts.items()))
        yield Problem(
            ("ceph",),
            "there is to be a Ceph, and no host has the role storage",
            "Ceph keeps its data on the disks of storage hosts",
            f"e.g. hosts.{name}.roles: [{', '.join((*host.roles, Role.STORAGE))}]; or "
            "ceph.existing, for one that is there already",
        )
    for name in hosts:
        if not cloud.devices_of(name):
            yield Problem(
                ("hosts", name, "roles"),
                f"Ceph has no disk on {name}",
                "only a lab host has a file for a disk by itself",
                f"e.g. hosts.{name}.devices: [/dev/sdb], or ceph.devices where all hosts are alike",
            )


def replicas_have_places(cloud: Cloud) -> Iterator[Problem]:
    if not cloud.deploys_ceph or cloud.ceph is None or cloud.ceph.replicas is None:
        return
    hosts = [name for name, _ in cloud.hosts_with(Role.STORAGE)]
    places = len(hosts) if len(hosts) > 1 else sum(len(cloud.devices_of(n)) for n in hosts)
    if places and cloud.ceph.replicas > places:
        what = "storage hosts" if len(hosts) > 1 else "disks of Ceph"
        yield Problem(
            ("ceph", "replicas"),
            f"ceph.replicas is {cloud.ceph.replicas}, and there are {places} {what}",
            "each copy lies somewhere else, so that no two are lost at once",
            f"ceph.replicas: {places}, or more {what}",
        )


def devices_can_be_used(cloud: Cloud) -> Iterator[Problem]:
    for path, devices in _device_lists(cloud):
        for number, device in enumerate(devices):
            if not re.fullmatch(r"/[\w./+:@=-]+", device) or device.endswith("/"):
                yield Problem(
                    (*path, number),
                    f"{device!r} is no disk",
                    "a disk is a path that begins with /",
                    f"e.g. /dev/{device}" if re.fullmatch(r"\w+", device) else "e.g. /dev/sdb",
                )
        for device, count in Counter(devices).items():
            if count > 1:
                yield Problem(path, f"{device} is named {count} times", hint="name it once")
    for name, host in cloud.hosts.items():
        if host.devices and not (cloud.deploys_ceph and Role.STORAGE in host.roles):
            yield Problem(
                ("hosts", name, "devices"),
                f"hosts.{name}.devices is given, but Ceph has nothing on {name}",
                "they are disks of Ceph, which runs on hosts with the role storage",
                f"give {name} the role storage, or leave devices out"
                if cloud.deploys_ceph
                else f"call them hosts.{name}.swift_devices"
                if cloud.swift
                else "add ceph: {}, or leave devices out",
            )


def disks_have_one_owner(cloud: Cloud) -> Iterator[Problem]:
    for name, _ in cloud.hosts_with(Role.STORAGE):
        owners = dict.fromkeys(cloud.devices_of(name), "Ceph")
        for device in cloud.swift_devices_of(name):
            if device in owners:
                yield Problem(
                    ("hosts", name, "swift_devices")
                    if cloud.hosts[name].swift_devices
                    else ("swift", "devices"),
                    f"{device} of {name} is for Ceph and for Swift",
                    hint="leave it to one of the two",
                )
            owners[device] = "Swift"
        groups: dict[str, str] = {}
        for backend_name, backend in cloud.backends.items():
            if name not in cloud.hosts_of_lvm(backend):
                continue
            owner = groups.setdefault(backend.group, backend_name)
            if owner != backend_name:
                yield Problem(
                    (*VOLUMES, backend_name),
                    f"the backends {owner} and {backend_name} have one volume group on {name}, "
                    f"{backend.group}",
                    hint=f"give {backend_name} a group of its own, or other hosts",
                )
            for device in backend.devices:
                taken = owners.setdefault(device, f"the backend {backend_name}")
                if taken != f"the backend {backend_name}":
                    yield Problem(
                        (*VOLUMES, backend_name, "devices"),
                        f"{device} of {name} is for {taken} and for the backend {backend_name}",
                        hint="leave it to one of the two",
                    )


def what_lies_in_ceph_has_one(cloud: Cloud) -> Iterator[Problem]:
    if cloud.ceph is not None:
        return
    wanted: list[KeyPath] = [
        ("storage", key)
        for key in ("images", "disks", "backups", "objects")
        if getattr(cloud.storage, key) == "ceph"
    ]
    wanted += [
        (*VOLUMES, name, "kind")
        for name, backend in cloud.backends.items()
        if backend.kind is BackendKind.CEPH
    ]
    for path in wanted:
        yield Problem(
            path,
            f"{'.'.join(map(str, path))} is ceph, and the cloud has no Ceph",
            "Ceph runs on hosts with the role storage, or is there already",
            "add ceph: {} and the role storage, or ceph.existing",
        )


def backends_are_whole(cloud: Cloud) -> Iterator[Problem]:
    of_ceph = [n for n, b in cloud.backends.items() if b.kind is BackendKind.CEPH]
    for name in of_ceph[1:]:
        yield Problem(
            (*VOLUMES, name),
            f"the backends {of_ceph[0]} and {name} are the same pool of Ceph",
            hint=f"leave {name} out; volume types may share a backend",
        )
    for name, backend in cloud.backends.items():
        path: KeyPath = (*VOLUMES, name)
        if name in RESERVED:
            yield Problem(
                path,
                f"a backend cannot be called {name!r}",
                "a backend is a section of cinder.conf, and this one means something else there",
                f"e.g. {name}-1",
            )
        yield from _keys_of_another_kind(path, backend)
        if backend.kind is BackendKind.LVM:
            yield from _lvm(cloud, path, backend)
        if backend.kind is BackendKind.NFS:
            if not backend.shares:
                yield Problem(
                    path,
                    f"the backend {name} has no shares",
                    "volumes on NFS are files on exports",
                    "e.g. shares: [192.0.2.5:/volumes]",
                )
            for number, share in enumerate(backend.shares):
                yield from _share((*path, "shares", number), share)


def nvme_has_no_library_yet(cloud: Cloud) -> Iterator[Problem]:
    for name, backend in cloud.backends.items():
        if backend.kind is BackendKind.LVM and backend.transport is Transport.NVME_TCP:
            yield Problem(
                (*VOLUMES, name, "transport"),
                f"the backend {name} is to be reached by nvme-tcp, which is not supported yet",
                "cinder drives the kernel's target with the Python library nvmet, which neither the "
                "distribution nor PyPI has",
                "transport: iscsi",
            )


def backups_have_a_place(cloud: Cloud) -> Iterator[Problem]:
    storage = cloud.storage
    if storage.backups == "nfs" and not storage.backup_share:
        yield Problem(
            ("storage", "backups"),
            "backups go to nfs, and no export is given",
            hint="e.g. storage.backup_share: 192.0.2.5:/backups",
        )
    if storage.backup_share and storage.backups != "nfs":
        yield Problem(
            ("storage", "backup_share"),
            "storage.backup_share is given, and backups do not go to nfs",
            hint="add storage.backups: nfs, or leave the share out",
        )
    elif storage.backup_share:
        yield from _share(("storage", "backup_share"), storage.backup_share)
    if storage.backups in ("ceph", "nfs") and not cloud.backends:
        yield Problem(
            ("storage", "backups"),
            "there are to be backups, and the cloud has no volumes",
            hint="add a backend to storage.volumes, or leave backups out",
        )


def pools_are_distinct(cloud: Cloud) -> Iterator[Problem]:
    if cloud.ceph is None:
        return
    owners: dict[str, str] = {}
    for use in type(cloud.ceph.pools).model_fields:
        pool = getattr(cloud.ceph.pools, use)
        owner = owners.setdefault(pool, use)
        if owner != use:
            yield Problem(
                ("ceph", "pools", use),
                f"{owner} and {use} have one pool, {pool}",
                "each client has a key for its own pool alone",
                f"give {use} a pool of its own",
            )


def _lvm(cloud: Cloud, path: KeyPath, backend: VolumeBackend) -> Iterator[Problem]:
    storage = [name for name, _ in cloud.hosts_with(Role.STORAGE)]
    if not storage:
        yield Problem(
            path,
            f"the backend {path[-1]} is LVM, and no host has the role storage",
            "volumes of LVM lie on the disks of storage hosts",
            "give a host the role storage",
        )
        return
    for number, name in enumerate(backend.hosts):
        if name not in cloud.hosts:
            yield Problem(
                (*path, "hosts", number),
                f"there is no host {name!r}",
                f"the storage hosts are {', '.join(storage)}",
                did_you_mean(name, storage) or "leave hosts out to take all of them",
            )
        elif name not in storage:
            yield Problem(
                (*path, "hosts", number),
                f"{name} does not have the role storage",
                "volumes of LVM lie on the disks of storage hosts",
                f"give {name} the role storage, or leave it out",
            )


_OF_ONE_KIND = {
    "devices": BackendKind.LVM,
    "group": BackendKind.LVM,
    "transport": BackendKind.LVM,
    "hosts": BackendKind.LVM,
    "shares": BackendKind.NFS,
}


def _keys_of_another_kind(path: KeyPath, backend: VolumeBackend) -> Iterator[Problem]:
    for key, kind in _OF_ONE_KIND.items():
        if key in backend.model_fields_set and backend.kind is not kind:
            yield Problem(
                (*path, key),
                f"the backend {path[-1]} is {backend.kind}, and {key} is for {kind}",
                hint=f"leave {key} out, or take kind: {kind}",
            )


def _share(path: KeyPath, share: str) -> Iterator[Problem]:
    if not _SHARE.fullmatch(share):
        yield Problem(
            path,
            f"{share!r} is no export of NFS",
            "an export is a server, a colon and a path",
            "e.g. 192.0.2.5:/volumes",
        )


def _device_lists(cloud: Cloud) -> Iterator[tuple[KeyPath, tuple[str, ...]]]:
    if cloud.ceph is not None:
        yield ("ceph", "devices"), cloud.ceph.devices
    if cloud.swift is not None:
        yield ("swift", "devices"), cloud.swift.devices
    for name, host in cloud.hosts.items():
        yield ("hosts", name, "devices"), host.devices
        yield ("hosts", name, "swift_devices"), host.swift_devices
    for name, backend in (cloud.storage.volumes or {}).items():
        yield (*VOLUMES, name, "devices"), backend.devices


def existing_ceph_has_no_disks(cloud: Cloud) -> Iterator[Problem]:
    if cloud.ceph is None or cloud.ceph.existing is None:
        return
    for key in ("devices", "replicas", "file_gigabytes"):
        if key in cloud.ceph.model_fields_set:
            yield Problem(
                ("ceph", key),
                f"ceph.{key} is given, and the Ceph is there already",
                "nothing of an existing cluster is changed",
                f"leave {key} out, or leave existing out",
            )


STORAGE_RULES = (
    storage_hosts_have_work,
    ceph_has_disks,
    replicas_have_places,
    devices_can_be_used,
    disks_have_one_owner,
    what_lies_in_ceph_has_one,
    backends_are_whole,
    nvme_has_no_library_yet,
    backups_have_a_place,
    pools_are_distinct,
    existing_ceph_has_no_disks,
)
"""What `gureum.model.validate` asks of storage."""
