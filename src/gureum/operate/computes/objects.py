"""Objects on a host that is to leave: Swift's copies, which have to be elsewhere first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gureum.errors import GureumError
from gureum.model.cloud import Cloud, Role
from gureum.model.edit import edited
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed
from gureum.remote import swift_look
from gureum.services.swift_layout import place

if TYPE_CHECKING:
    from gureum.hosts import Session

TIMEOUT = 30.0


def check_objects_on(deployment: Deployment, host: str, session: Session | None) -> None:
    """Raise GureumError where copies of Swift are on a host that is to leave, or may be only there.

    A host that answers has to be empty. One that is lost may go where others have copies.
    """
    cloud = deployment.cloud
    disks = _disks(cloud, host)
    if not disks:
        return
    others = [name for name, _ in cloud.hosts_with(Role.STORAGE) if name != host]
    if not others:
        raise GureumError(
            f"{host} cannot leave: it is the only storage host, and all of Swift's objects are there",
            hint=typed(deployment.loaded, "host add"),
        )
    if session is None:
        _check_copies(deployment, host)
        return
    places = {place(disk): disk for disk in disks}
    held = session.call(swift_look.held, list(places), timeout=TIMEOUT)
    full = {places[where]: parts for where, parts in held.items() if parts}
    if full:
        raise GureumError(
            f"{host} cannot leave: Swift keeps {sum(full.values())} partitions on its disks",
            detail=_way(cloud, host, full),
            hint=typed(deployment.loaded, "apply"),
        )


def without_drain(cloud: Cloud, host: str, text: str) -> str:
    """Return an input's text in which a host that leaves is not to be drained of objects any more.

    Raises ValueError with a sentence where a person has to edit it.
    """
    drain = cloud.swift.drain if cloud.swift else ()
    rest = [one for one in drain if one != host and not one.startswith(f"{host}:")]
    return edited(text, {("swift", "drain"): rest}) if len(rest) < len(drain) else text


def _check_copies(deployment: Deployment, host: str) -> None:
    cloud = deployment.cloud
    if cloud.swift is not None and cloud.swift.replicas == 1:
        raise GureumError(
            f"{host} cannot leave: Swift keeps one copy of everything, and a part of them is there",
            detail="what was on its disks is nowhere else (cloud.yaml: swift.replicas)",
            hint=typed(deployment.loaded, "host check", host),
        )


def _way(cloud: Cloud, host: str, full: dict[str, int]) -> str:
    listed = ", ".join(f"{parts} on {disk}" for disk, parts in full.items())
    drained = cloud.swift is not None and host in cloud.swift.drain
    if drained:
        return (
            f"{listed}; it is drained, and Swift still moves them: they become fewer by themselves"
        )
    return (
        f"{listed}; add {host} to swift.drain and apply that: they move to the disks of others, and "
        "once none is left it may go"
    )


def _disks(cloud: Cloud, host: str) -> tuple[str, ...]:
    if cloud.swift is None or host not in cloud.hosts:
        return ()
    return tuple(cloud.swift_devices_of(host))
