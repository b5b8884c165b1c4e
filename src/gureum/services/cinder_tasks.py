"""What cinder needs beyond files and units: volume groups, volume types, and word of its units."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gureum.services.cinder_places import of_lvm, scheduled, served
from gureum.services.context import CA_FILE, Context
from gureum.services.declaration import Task
from gureum.steps.volumes import VolumeGroupPresent, VolumeServicesReporting, VolumeTypesPresent

_API = ("cinder.unit.cinder-api", "keystone.identity", "haproxy.unit.haproxy")


def groups(c: Context) -> tuple[Task, ...]:
    """Return the volume groups of the context's host."""
    return tuple(
        Task(
            id=f"cinder.group.{name}",
            state=VolumeGroupPresent(name=backend.group, devices=backend.devices),
            why=f"volumes of {name} are logical volumes in {backend.group}; a disk that holds anything is "
            "left alone",
            needs=("base.packages",),
        )
        for name, backend in served(c).items()
        if of_lvm(backend)
    )


def types(c: Context) -> Task:
    """Return the volume types, one for each backend of the cloud."""
    return Task(
        id="cinder.types",
        state=VolumeTypesPresent(
            **_administrator(c),
            types={name: name for name in c.cloud.backends},
        ),
        why="users choose a backend by a volume type of its name, and volumes of no type have one to go by",
        needs=_API,
    )


def reports(c: Context) -> Task:
    """Return the wait for cinder's units, on whichever hosts they are."""
    hosts = {name: replace(c, host=name) for name in c.cloud.hosts if name not in c.absent}
    volumes = {
        f"cinder-volume of {name}@{backend}": f"{name}/cinder.unit.cinder-volume"
        for name, there in hosts.items()
        for backend in served(there)
    }
    controllers = [name for name in c.controllers if name in hosts]
    others = ["cinder-scheduler", *(("cinder-backup",) if c.cloud.backup_target != "none" else ())]
    rest = {
        f"{unit} of {name}": f"{name}/cinder.unit.{unit}" for name in controllers for unit in others
    }
    steps = tuple(dict.fromkeys((*rest.values(), *volumes.values())))
    return Task(
        id="cinder.units_report",
        state=VolumeServicesReporting(
            units=(*rest, *volumes),
            backends=tuple(
                dict.fromkeys(name for there in hosts.values() for name in scheduled(there))
            ),
            **_administrator(c),
        ),
        why="the scheduler gives a volume only to a backend that it has heard of",
        needs=(*steps, *_API),
        watches=steps,
    )


def _administrator(c: Context) -> dict[str, Any]:
    """Return what a state needs to ask cinder's API."""
    return {
        "url": c.api(8776, "/v3"),
        "identity": c.api(5000, "/v3"),
        "cafile": CA_FILE,
        "admin_password": c.secrets.password("keystone.admin"),
    }
