"""A VM as the logs name it: by its id, its name in libvirt, its ports; and the requests about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gureum.diagnostics import did_you_mean
from gureum.errors import GureumError
from gureum.operate.api import as_admin
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ACTIONS = {"OpenStack-API-Version": "compute 2.21"}
"""The first version that tells what was done to a VM that is gone."""
TAP = 11
"""Characters of a port's id that stand in the name of its tap."""


@dataclass(frozen=True, kw_only=True)
class VmRequest:
    """Something that was asked of a VM: `action` is nova's word, `time` in ISO 8601 (UTC)."""

    request_id: str
    action: str
    time: str
    failed: bool


@dataclass(frozen=True, kw_only=True)
class Vm:
    """A VM: the `words` by which logs name it, and the requests about it, oldest first."""

    name: str
    id: str
    words: tuple[str, ...]
    requests: tuple[VmRequest, ...]


def find_vm(deployment: Deployment, wanted: str) -> Vm:
    """Return a VM of any project by name or id, deleted ones included.

    Where the API does not answer, an id is taken as it is. Raises GureumError for a VM that there
    never was, with the nearest names, and for several of one name.
    """
    loaded, folder = deployment.loaded, deployment.folder
    silent = f"nova of the cloud {folder.name!r} cannot be asked which VM {wanted!r} is"
    try:
        with as_admin(loaded, folder, silent) as api:
            server = _server(deployment, api, wanted)
            ports = _json(api.network.get(f"/ports?device_id={server['id']}"), "ports")
            actions = _json(
                api.compute.get(f"/servers/{server['id']}/os-instance-actions", headers=_ACTIONS),
                "instanceActions",
            )
    except GureumError as error:
        if error.summary == silent and _UUID.fullmatch(wanted):
            return Vm(name=wanted, id=wanted, words=(wanted,), requests=())
        if error.summary == silent:
            error.hint = typed(loaded, "logs", "--vm", "ID-OF-THE-VM")
        raise
    return Vm(
        name=server["name"],
        id=server["id"],
        words=words(server, ports),
        requests=tuple(sorted(map(_request, actions), key=lambda r: r.time)),
    )


def words(server: Mapping[str, Any], ports: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what stands for a VM in the logs of all services."""
    instance = server.get("OS-EXT-SRV-ATTR:instance_name") or ""
    of_ports = [word for p in ports for word in (p["id"], f"tap{p['id'][:TAP]}")]
    return tuple(dict.fromkeys(filter(None, (server["id"], instance, *of_ports))))


def _server(deployment: Deployment, api: Any, wanted: str) -> Mapping[str, Any]:
    loaded = deployment.loaded
    there = _json(api.compute.get("/servers/detail?all_tenants=1&limit=1000"), "servers")
    named = [s for s in there if wanted in (s["id"], s["name"])]
    if not named:
        # nova takes the name for a regular expression.
        query = f"&name={quote(re.escape(wanted))}" if not _UUID.fullmatch(wanted) else ""
        path = f"/servers/detail?all_tenants=1&deleted=1&limit=1000{query}"
        gone = _json(api.compute.get(path), "servers")
        named = [s for s in gone if wanted in (s["id"], s["name"])]
    if len(named) == 1:
        found: Mapping[str, Any] = named[0]
        return found
    if named:
        raise GureumError(
            f"{len(named)} VMs are or were called {wanted!r}",
            detail="\n".join(f"{s['id']}  {s['status']}  made {s['created']}" for s in named),
            hint=typed(loaded, "logs", "--vm", str(named[-1]["id"])),
        )
    names = sorted({str(s["name"]) for s in there})
    raise GureumError(
        f"the cloud {loaded.cloud.name!r} has and had no VM {wanted!r}",
        detail=f"it has: {', '.join(names[:8])}" if names else "it has no VMs at all",
        hint=did_you_mean(wanted, names)
        or typed(loaded, "openstack", "server", "list", "--all-projects"),
    )


def _request(action: Mapping[str, Any]) -> VmRequest:
    return VmRequest(
        request_id=str(action["request_id"]),
        action=str(action["action"]),
        time=f"{action['start_time']}+00:00",
        failed=bool(action.get("message")),
    )


def _json(response: Any, key: str) -> Any:
    response.raise_for_status() if hasattr(response, "raise_for_status") else None
    return response.json().get(key, []) if response.status_code == 200 else []
