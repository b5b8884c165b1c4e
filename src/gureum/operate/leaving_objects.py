"""What of Swift cannot be undone: the number of partitions, and disks that still hold copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gureum.diagnostics import Diagnostic
from gureum.errors import GureumError, InputError
from gureum.model.cloud import Cloud
from gureum.operate.deployment import Deployment
from gureum.operate.kept_input import built_from
from gureum.operate.typed import typed
from gureum.remote import swift_look
from gureum.services.swift_layout import place

if TYPE_CHECKING:
    from gureum.hosts import Session

TIMEOUT = 30.0


def check_objects(deployment: Deployment, sessions: Mapping[str, Session]) -> None:
    """Raise InputError where an apply would lose objects, or could not find them any more.

    A disk may go once it holds nothing, or once it cannot be read any more. Nothing is asked where
    the input has lost none. Where Swift goes as a whole, `leaving_keeper` asks in the place of this.
    """
    before, now = built_from(deployment.folder), deployment.cloud
    if before is None or before.swift is None or now.swift is None:
        return
    if not deployment.folder.facts.exists():
        return
    found = []
    if now.swift.part_power != before.swift.part_power:
        found.append(
            Diagnostic(
                f"swift.part_power was {before.swift.part_power} and cannot become "
                f"{now.swift.part_power}",
                detail="where an object lies follows from it: none would be found any more",
                source=deployment.loaded.locate(("swift", "part_power")),
                hint=f"part_power: {before.swift.part_power}",
            )
        )
    gone = sorted(set(_disks(before)) - set(_disks(now)))
    found += [d for host, disk in gone if (d := _held(deployment, sessions, host, disk))]
    if found:
        raise InputError("the input leaves out what Swift keeps objects by", found)


def _held(
    deployment: Deployment, sessions: Mapping[str, Session], host: str, disk: str
) -> Diagnostic | None:
    """Return what is wrong with leaving a disk, or None where nothing is lost by it."""
    source = deployment.loaded.locate(("swift",))
    shell = typed(deployment.loaded, "apply")
    way = (
        f"put it back and add it to swift.drain, as {host}:{disk}; after an apply its copies move "
        "to other disks, which takes a while, and then it may go"
    )
    if host not in sessions:
        return Diagnostic(
            f"Swift may keep objects on {disk} of {host}, which cannot be asked",
            detail=f"{way}, its host last",
            source=source,
            hint=shell,
        )
    try:
        parts = sessions[host].call(swift_look.held, [place(disk)], timeout=TIMEOUT)[place(disk)]
    except GureumError as error:
        return Diagnostic(f"{host}: {error.summary}", source=source, hint=shell)
    if not parts:
        return None
    return Diagnostic(
        f"Swift keeps {parts} partitions on {disk} of {host}", detail=way, source=source, hint=shell
    )


def _disks(cloud: Cloud) -> list[tuple[str, str]]:
    return [(host, disk) for host in cloud.hosts for disk in cloud.swift_devices_of(host)]
