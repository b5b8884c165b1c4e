"""Disks and monitors of Ceph that the input has no more, while the cluster still counts on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gureum.diagnostics import Diagnostic
from gureum.errors import GureumError, InputError
from gureum.model.cloud import Cloud, Role
from gureum.operate.deployment import Deployment
from gureum.operate.kept_input import built_from
from gureum.operate.typed import typed
from gureum.remote import ceph_members
from gureum.services.ceph_layout import fsid_of, monitors_of, osd_uuid_of

if TYPE_CHECKING:
    from gureum.hosts import Session

TIMEOUT = 30.0


def check_disks(deployment: Deployment, sessions: Mapping[str, Session]) -> None:
    """Raise InputError where an apply would leave a disk or a monitor that Ceph counts on.

    What was taken out of the cluster before may go. Nothing is asked where the input has lost none.
    """
    before, now = built_from(deployment.folder), deployment.cloud
    if before is None or not before.deploys_ceph or not deployment.folder.facts.exists():
        return
    gone = sorted(set(_disks(before)) - set(_disks(now)))
    watching = sorted(set(_monitors(before)) - set(_monitors(now)))
    if not gone and not watching:
        return
    fsid = fsid_of(deployment.folder.make().secrets())
    uuids = {osd_uuid_of(fsid, host, device): (host, device) for host, device in gone}
    asked = [name for name in _monitors(before) if name in sessions]
    members = _members(sessions[asked[0]]) if asked else "no host of a monitor is connected"
    if isinstance(members, str):
        raise InputError(
            "Ceph cannot be asked what it still counts on",
            [
                Diagnostic(
                    f"the input has no {_named(gone, watching)} any more",
                    detail=members,
                    source=deployment.loaded.locate(("ceph",)),
                    hint="put back what was taken out of the input, and try again",
                )
            ],
        )
    source = deployment.loaded.locate(("ceph",))
    found = [
        _disk(deployment, asked[0], int(number), *uuids[uuid])
        for uuid, number in members["osds"].items()
        if uuid in uuids
    ]
    found += [
        Diagnostic(
            f"Ceph still counts on its monitor on {name}",
            detail="an apply would stop it, and the others might lose their majority",
            source=source,
            hint=f"{typed(deployment.loaded, 'ssh', asked[0])} ceph mon remove {name}",
        )
        for name in watching
        if name in members["monitors"]
    ]
    if found:
        raise InputError("the input leaves out what Ceph keeps data on", found)


def _members(session: Session) -> dict[str, Any] | str:
    """Return what Ceph counts on, or in words why it does not say."""
    try:
        found: dict[str, Any] = session.call(ceph_members.members, timeout=TIMEOUT)
    except GureumError as error:
        return error.summary
    return found


def _disk(deployment: Deployment, asked: str, number: int, host: str, device: str) -> Diagnostic:
    shell = typed(deployment.loaded, "ssh", asked)
    return Diagnostic(
        f"Ceph keeps data on {device} of {host}, as osd.{number}",
        detail="an apply would stop it. Put it back into the input, or let Ceph move the data first; once "
        f"`ceph osd safe-to-destroy {number}` says so, `ceph osd purge {number}` lets it go",
        source=deployment.loaded.locate(("ceph",)),
        hint=f"{shell} ceph osd out {number}",
    )


def _disks(cloud: Cloud) -> list[tuple[str, str]]:
    return [(host, device) for host in cloud.hosts for device in cloud.devices_of(host)]


def _monitors(cloud: Cloud) -> tuple[str, ...]:
    if not cloud.deploys_ceph:
        return ()
    return monitors_of([name for name, _ in cloud.hosts_with(Role.STORAGE)])


def _named(gone: list[tuple[str, str]], watching: list[str]) -> str:
    return ", ".join(
        [
            *(f"disk {device} of {host}" for host, device in gone),
            *(f"monitor on {name}" for name in watching),
        ]
    )
