"""Disks that cannot be used, and storage that a host's kernel cannot do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gureum.diagnostics import Severity, did_you_mean
from gureum.model.cloud import Role
from gureum.model.storage import BackendKind, Transport
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Look, Scene
from gureum.services.swift_layout import place

_SMALLEST = 2 * 10**9
"""Bytes of the smallest disk that Ceph makes anything of."""


def find(scene: Scene) -> Iterator[Finding]:
    """Yield what each host lacks for the storage that the input wants of it."""
    for look in scene.answered():
        said = look.facts.get("storage")
        if said is None:
            # Facts of before gureum asked for them.
            continue
        yield from _kernel(scene, look, said["kernel"])
        yield from _disks(scene, look, said)


def _kernel(scene: Scene, look: Look, kernel: Mapping[str, bool]) -> Iterator[Finding]:
    for what, (feature, need) in _wanted(scene, look.host).items():
        if not kernel.get(feature):
            yield Finding(
                look.host,
                f"storage.no_{feature}",
                f"its kernel cannot do what {what} needs: {need}",
                f"{look.facts['kernel']} has it neither built in nor as a module",
                "boot another kernel there, or take away what needs it",
            )


def _wanted(scene: Scene, host: str) -> dict[str, tuple[str, str]]:
    """Return what of the kernel is needed on a host, by who needs it."""
    cloud = scene.cloud
    roles = cloud.hosts[host].roles
    wanted: dict[str, tuple[str, str]] = {}
    for name, backend in cloud.backends.items():
        nvme = backend.transport is Transport.NVME_TCP
        if host in cloud.hosts_of_lvm(backend):
            wanted[f"LVM (the backend {name})"] = ("device_mapper", "device-mapper")
            wanted[f"offering volumes of {name}"] = (
                ("nvmet_tcp", "a target of NVMe over TCP (nvmet-tcp)")
                if nvme
                else ("iscsi_target", "a target of iSCSI (LIO)")
            )
        if backend.kind is BackendKind.LVM and {Role.COMPUTE, Role.CONTROLLER} & set(roles):
            wanted[f"attaching volumes of {name}"] = (
                ("nvme_tcp", "NVMe over TCP") if nvme else ("iscsi", "iSCSI")
            )
        if backend.kind is BackendKind.NFS and {Role.COMPUTE, Role.CONTROLLER} & set(roles):
            wanted[f"mounting exports of {name}"] = ("nfs", "NFS")
    if cloud.swift_devices_of(host):
        wanted["Swift"] = ("xfs", "XFS")
    if cloud.backup_target == "nfs" and Role.CONTROLLER in roles:
        wanted["mounting the export of backups"] = ("nfs", "NFS")
    return wanted


def _disks(scene: Scene, look: Look, said: Mapping[str, Any]) -> Iterator[Finding]:
    cloud, host = scene.cloud, look.host
    wanted: dict[str, tuple[str, str]] = dict.fromkeys(cloud.devices_of(host), ("Ceph", ""))
    for device in cloud.swift_devices_of(host):
        wanted[device] = ("Swift", f"mounted at {place(device)}")
    for name, backend in cloud.backends.items():
        if host in cloud.hosts_of_lvm(backend):
            own = f"held by {backend.group.replace('-', '--')}-"
            wanted.update(dict.fromkeys(backend.devices, (f"the backend {name}", own)))
    disks, links = said["disks"], said["links"]
    taken = set(said.get("taken", ()))
    for device, (owner, own) in wanted.items():
        if not device.startswith("/dev/") or device in taken:
            continue
        path = links.get(device, device)
        if path not in disks:
            known = [*disks, *links]
            yield Finding(
                host,
                "storage.no_disk",
                f"there is no disk {device}, which is to be {owner}'s",
                f"its disks are {', '.join(disks) or 'none'}",
                did_you_mean(device, known) or "lsblk on it shows what there is",
            )
        elif disks[path]["used"] and not (own and disks[path]["used"].startswith(own)):
            yield Finding(
                host,
                "storage.disk_used",
                f"{device} is to be {owner}'s, and is {disks[path]['used']}",
                "what it holds is never written over",
                f"if nothing on it is needed any more, on {host}: wipefs --all {device}",
            )
        elif disks[path]["bytes"] < _SMALLEST:
            yield Finding(
                host,
                "storage.disk_small",
                f"{device} has {disks[path]['bytes'] / 10**9:.1f} GB",
                f"it is to be {owner}'s",
                "name a larger one",
                Severity.WARNING,
            )
