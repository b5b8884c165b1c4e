"""Objects whose keeper the input takes away or changes: Swift for Ceph's gateway, or the other way round.

Nothing carries objects from one to the other, and where an apply did not ask, users would find their
containers gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gureum.diagnostics import Diagnostic
from gureum.errors import GureumError, InputError
from gureum.model.cloud import Cloud, Role
from gureum.operate.deployment import Deployment
from gureum.operate.kept_input import built_from
from gureum.operate.typed import typed
from gureum.remote import objects_kept
from gureum.services.ceph_keys import gateway_name
from gureum.services.swift_layout import place

if TYPE_CHECKING:
    from gureum.hosts import Session

TIMEOUT = 60.0
_NAMED = 3
_KEEPERS = {"swift": "Swift", "ceph": "Ceph's gateway"}


def check_keeper(deployment: Deployment, sessions: Mapping[str, Session]) -> None:
    """Raise InputError where users have containers at a keeper of objects that the input has no more.

    Nothing is asked where it stays who it was.
    """
    before, now = built_from(deployment.folder), deployment.cloud
    if before is None or before.object_store in ("none", now.object_store):
        return
    if not deployment.folder.facts.exists():
        return
    asked = _of_swift if before.object_store == "swift" else _of_gateway
    keeper = _KEEPERS[before.object_store]
    path = ("storage", "objects") if now.storage.objects else ("hosts",)
    source = deployment.loaded.locate(path)
    again = typed(deployment.loaded, "apply")
    kept, unread = asked(before, sessions)
    found = []
    if unread:
        found.append(
            Diagnostic(
                f"{keeper} may keep objects, and cannot be asked: {'; '.join(unread)}",
                detail="an apply would take it away. Put it back into the input until it answers",
                source=source,
                hint=again,
            )
        )
    elif kept:
        count = sum(map(len, kept.values()))
        found.append(
            Diagnostic(
                f"{keeper} keeps {count} container{'s' if count != 1 else ''} of users",
                detail=f"{'; '.join(f'{who}: {_few(names)}' for who, names in sorted(kept.items()))}\n"
                "an apply would take it away, and nothing carries objects to another keeper: have their "
                "owners fetch what they need and delete the containers first",
                source=source,
                hint=typed(deployment.loaded, "openstack", "container", "list"),
            )
        )
    if found:
        raise InputError("the input leaves out who keeps the objects of users", found)


Kept = tuple[dict[str, set[str]], list[str]]


def _of_swift(before: Cloud, sessions: Mapping[str, Session]) -> Kept:
    """Return the containers by account, and what could not be read where all of it has to be.

    Each container lies on several disks, so that those that are left tell of all as long as no more are
    missing than there may be.
    """
    disks = {host: before.swift_devices_of(host) for host in before.hosts}
    replicas = min(before.swift.replicas or 3 if before.swift else 3, sum(map(len, disks.values())))
    kept: dict[str, set[str]] = {}
    unread: list[str] = []
    for host, devices in disks.items():
        if not devices:
            continue
        places = [place(device) for device in devices]
        said = _ask(sessions, host, objects_kept.by_swift, places)
        if isinstance(said, str):
            unread += [f"{host}: {said}"] * len(devices)
            continue
        unread += [f"{host}: nothing is mounted at {one}" for one in said["unread"]]
        for account, names in said["containers"].items():
            kept.setdefault(account, set()).update(names)
    return kept, list(dict.fromkeys(unread)) if len(unread) >= replicas else []


def _of_gateway(before: Cloud, sessions: Mapping[str, Session]) -> Kept:
    controllers = [name for name, _ in before.hosts_with(Role.CONTROLLER)]
    unread = []
    for host in controllers:
        said = _ask(sessions, host, objects_kept.by_gateway, f"client.{gateway_name(host)}")
        if not isinstance(said, str):
            return {who: set(names) for who, names in said["containers"].items()}, []
        unread.append(f"{host}: {said}")
    return {}, unread


def _ask(
    sessions: Mapping[str, Session], host: str, function: Any, argument: Any
) -> dict[str, Any] | str:
    """Return what a host says, or in words why it says nothing."""
    if host not in sessions:
        return "it is not connected"
    try:
        said: dict[str, Any] = sessions[host].call(function, argument, timeout=TIMEOUT)
    except GureumError as error:
        return error.summary
    return said


def _few(names: set[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return ", ".join(listed[:_NAMED]) + more
