"""What volumes prove: data of a VM outlives detaching, snapshot, backup and restore (R-SVC-6)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import time
from collections.abc import Callable
from typing import Any

from gureum.checks.check import Evidence, Verdict, verdict
from gureum.checks.vm import console
from gureum.checks.vm.furnishing import FLAVOR
from gureum.checks.vm.stage import Stage
from gureum.checks.vm.state import Booted
from gureum.errors import CheckError

SIZE_GB = 1
_MEGABYTES = 4
_OFFSET = 100
"""Where on the volume the data is written, in megabytes: not at its beginning."""
_READ = "gureum-guest volume sha256"
"""Begins the line of the other VM's console that tells what it read."""


def keeps_data(vm: Booted) -> Verdict:
    """Write to a volume from inside of the VM, detach it, attach it again and read."""
    vm.until(vm.volumes_ready.is_set, within=vm.settings.volumes_within, pause=0.2)
    began = time.monotonic()
    volume = _make(vm, "", size=SIZE_GB)
    made = time.monotonic()
    data = os.urandom(_MEGABYTES * 2**20)
    wanted = hashlib.sha256(data).hexdigest()
    vm.volume_id, vm.volume_sha256 = volume.id, wanted
    device = _attach(vm, volume)
    attached = time.monotonic()
    write = f"dd of={device} bs=1M seek={_OFFSET} conv=fsync 2>/dev/null"
    answer = vm.shell.run(write, stdin=data, timeout=120)
    if answer.exit:
        raise CheckError("the VM cannot write to its volume", detail=answer.error.strip())
    _detach(vm, volume)
    detached = time.monotonic()
    again = _attach(vm, volume)
    found = _sum(vm, again)
    _detach(vm, volume)
    seconds = time.monotonic() - began
    return verdict(
        [] if found == wanted else [f"what was written reads as {found[:16]} after a detach"],
        f"made in {made - began:.1f} s, attached in {attached - made:.1f} s, read back after a detach",
        evidence=(
            Evidence(command="create volume", output=volume.id, seconds=made - began),
            Evidence(command="attach volume", output=device, seconds=attached - made),
            Evidence(command=write, output=f"sha256 {wanted}", seconds=detached - attached),
            Evidence(command=f"read {again}", output=f"sha256 {found}", seconds=seconds),
        ),
        hint="gureum service status cinder; gureum logs cinder-volume",
        value=round(seconds, 1),
        unit="s",
    )


def snapshot_holds(vm: Booted) -> Verdict:
    """Make a snapshot of the volume and a volume of the snapshot, and read the data there."""
    storage = vm.prepared.api.block_storage
    began = time.monotonic()
    try:
        snapshot = storage.create_snapshot(volume_id=vm.volume_id, name=vm.name)
        _reached(vm, lambda: storage.get_snapshot(snapshot.id), "available", "the snapshot")
    finally:
        vm.snapshot_made.set()
    clone = _make(vm, "-of-snapshot", size=SIZE_GB, snapshot_id=snapshot.id)
    return _holds(vm, clone, began, "a volume made of a snapshot")


def backup_restores(vm: Booted) -> Verdict:
    """Back the volume up, restore the backup to another volume, and read the data there."""
    storage = vm.prepared.api.block_storage
    vm.until(vm.lent.is_set, within=vm.settings.volumes_within)
    began = time.monotonic()
    # The other VM has it by now: that it is in use has to be said, and changes nothing else.
    backup = storage.create_backup(volume_id=vm.volume_id, name=vm.name, force=True)
    _reached(vm, lambda: storage.get_backup(backup.id), "available", "the backup")
    restored = storage.restore_backup(backup.id, name=f"{vm.name}-restored")
    _reached(vm, lambda: storage.get_backup(backup.id), "available", "the backup")
    volume_id = getattr(restored, "volume_id", None) or restored.id
    volume = _reached(vm, lambda: storage.get_volume(volume_id), "available", "the restored volume")
    return _holds(vm, volume, began, "a restored backup")


def boots_from_volume(vm: Booted) -> Verdict:
    """Boot a second VM whose disk is a volume made of the image; it gets the first one's volume too."""
    api = vm.prepared.api
    began = time.monotonic()
    try:
        image = api.compute.get_server(vm.server_id).image.id
        volume = _make(vm, "-root", size=SIZE_GB, image_id=image)
        made = time.monotonic()
        # A snapshot is taken of a volume that no VM has.
        vm.until(vm.snapshot_made.is_set, within=vm.settings.volumes_within)
        server = _request_on(vm, volume)
        _reached(vm, lambda: api.compute.get_server(server.id), "ACTIVE", "the VM on a volume")
    finally:
        vm.lent.set()

    def look() -> str:
        with contextlib.suppress(Exception):
            return str(api.compute.get_server_console_output(server.id).get("output") or "")
        return ""

    ready = vm.until(lambda: console.read(look()).ready, within=vm.settings.boot_within, pause=0.5)
    said = look()
    vm.read_elsewhere = (re.findall(rf"{_READ}=([0-9a-f]+)", said) or [""])[-1]
    seconds = time.monotonic() - began
    return verdict(
        [] if ready else ["its console shows no end of a boot"],
        f"a VM on a volume of the image boots; the volume is ready in {made - began:.1f} s",
        evidence=(
            Evidence(command="create volume of the image", output=volume.id, seconds=made - began),
            Evidence(command="boot from it", output=console.tail(said), seconds=seconds),
        ),
        hint=f"gureum openstack console log show {vm.name}-volume",
        value=round(seconds, 1),
        unit="s",
    )


def read_elsewhere(vm: Booted) -> Verdict:
    """Compare what the second VM read from the volume that the first one wrote to."""
    found = vm.read_elsewhere
    return verdict(
        [] if found == vm.volume_sha256 else [f"another VM reads {found[:16] or 'nothing'}"],
        "another VM reads what the first one wrote",
        evidence=(
            Evidence(
                command=_sum_of("/dev/vdb"), host=f"{vm.name}-volume", output=f"sha256 {found}"
            ),
        ),
        hint=f"gureum openstack console log show {vm.name}-volume",
    )


def _request_on(vm: Booted, root: Any) -> Any:
    """Ask for a VM whose disk is `root`, and that reads the first VM's volume when it boots."""
    compute = vm.prepared.api.compute
    script = f'#!/bin/sh\necho "{_READ}=$({_sum_of("/dev/vdb")} | cut -c1-64)" > /dev/console\n'
    disk = {"source_type": "volume", "destination_type": "volume"}
    return compute.create_server(
        name=f"{vm.name}-volume",
        flavor_id=compute.find_flavor(FLAVOR, ignore_missing=False).id,
        networks=[{"uuid": vm.prepared.network.id}],
        user_data=base64.b64encode(script.encode()).decode(),
        block_device_mapping=[
            {**disk, "uuid": root.id, "boot_index": 0, "delete_on_termination": True},
            {**disk, "uuid": vm.volume_id, "boot_index": -1, "delete_on_termination": False},
        ],
    )


def _holds(vm: Booted, volume: Any, began: float, what: str) -> Verdict:
    device = _attach(vm, volume)
    found = _sum(vm, device)
    _detach(vm, volume)
    seconds = time.monotonic() - began
    return verdict(
        [] if found == vm.volume_sha256 else [f"{what} reads as {found[:16]}"],
        f"{what} holds what was written, read {seconds:.1f} s after it was asked for",
        evidence=(
            Evidence(command=f"read {device}, {what}", output=f"sha256 {found}", seconds=seconds),
        ),
        hint="gureum service status cinder; gureum logs cinder-volume cinder-backup",
        value=round(seconds, 1),
        unit="s",
    )


def _make(vm: Booted, suffix: str, **of: Any) -> Any:
    storage = vm.prepared.api.block_storage
    volume = storage.create_volume(name=f"{vm.name}{suffix}", **of)
    return _reached(vm, lambda: storage.get_volume(volume.id), "available", "the volume")


def _reached(vm: Booted, look: Callable[[], Any], wanted: str, what: str) -> Any:
    last: list[Any] = []

    def there() -> bool:
        last[:] = [look()]
        status = str(last[0].status)
        return status == wanted or status.lower().startswith("error")

    vm.until(there, within=vm.settings.volumes_within, pause=0.3)
    if str(last[0].status) != wanted:
        raise CheckError(
            f"{what} is {last[0].status} and not {wanted}",
            detail=str(getattr(last[0], "fail_reason", "") or last[0].id),
            hint="gureum service status cinder; gureum logs cinder-volume",
        )
    return last[0]


def _attach(vm: Booted, volume: Any) -> str:
    """Attach a volume and return the VM's own name of it."""
    with vm.attaching:
        before = _disks(vm)
        vm.prepared.api.compute.create_volume_attachment(vm.server_id, volume_id=volume.id)
        storage = vm.prepared.api.block_storage
        _reached(vm, lambda: storage.get_volume(volume.id), "in-use", "the volume")
        new = vm.until(lambda: _disks(vm) - before, within=30.0, pause=0.2)
    if not new:
        raise CheckError("the volume is attached, and the VM sees no new disk")
    return f"/dev/{sorted(new)[0]}"


def _detach(vm: Booted, volume: Any) -> None:
    vm.prepared.api.compute.delete_volume_attachment(vm.server_id, volume.id)
    storage = vm.prepared.api.block_storage
    _reached(vm, lambda: storage.get_volume(volume.id), "available", "the detached volume")


def _disks(vm: Booted) -> set[str]:
    return set(vm.shell.run("cd /sys/block && ls -d vd*").text.split())


def _sum(vm: Booted, device: str) -> str:
    return (vm.shell.run(_sum_of(device), timeout=120).text.split() or [""])[0]


def _sum_of(device: str) -> str:
    return f"dd if={device} bs=1M skip={_OFFSET} count={_MEGABYTES} 2>/dev/null | sha256sum"


VOLUME_STAGES: tuple[Stage[Booted], ...] = (
    Stage(
        id="volume.keeps_data",
        title="a volume keeps data",
        proves="Megabytes written to a volume inside of the VM are read back, with their checksum, after "
        "it was detached and attached again.",
        run=keeps_data,
        needs=("vm.ssh_by_key",),
        requirement="R-SVC-6",
    ),
    Stage(
        id="volume.snapshot_holds",
        title="a snapshot holds it",
        proves="A volume made of a snapshot has the same data, read inside of the VM.",
        run=snapshot_holds,
        needs=("volume.keeps_data",),
        requirement="R-SVC-6",
    ),
    Stage(
        id="volume.boots",
        title="a VM boots from a volume",
        proves="A volume is made of the image, and a VM whose disk it is boots to its login.",
        run=boots_from_volume,
        needs=("volume.keeps_data",),
        requirement="R-SVC-6",
    ),
    Stage(
        id="volume.read_elsewhere",
        title="another VM reads it",
        proves="What one VM wrote to a volume is read, with its checksum, by another VM that has it now.",
        run=read_elsewhere,
        needs=("volume.boots",),
        requirement="R-SVC-6",
    ),
)
"""What is proved where the cloud has volumes."""

BACKUP_STAGES: tuple[Stage[Booted], ...] = (
    Stage(
        id="volume.backup_restores",
        title="a backup restores it",
        proves="A backup of the volume, restored to another one, has the same data, read inside of the VM.",
        run=backup_restores,
        # One thing at a time is done with a volume; a snapshot of it is refused meanwhile.
        needs=("volume.snapshot_holds",),
        requirement="R-SVC-6",
    ),
)
"""What is proved where backups have a place."""
