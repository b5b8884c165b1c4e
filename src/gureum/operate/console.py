"""`gureum console SERVER`: the address of a VM's console in a browser, good for a short while (R-OPS-7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gureum.diagnostics import did_you_mean
from gureum.errors import GureumError
from gureum.model.load import LoadedCloud
from gureum.operate.api import as_admin
from gureum.operate.deployment import Deployment
from gureum.operate.known import known
from gureum.operate.tunnel import tunnel
from gureum.operate.typed import typed
from gureum.services.nova_console import PORT, TOKEN_SECONDS

SHOWN = 8
"""How many VMs an error names."""


@dataclass(frozen=True, kw_only=True)
class Console:
    """A VM's console: its address, the seconds in which it has to be opened, and a tunnel to it.

    The address holds the token that opens it: it is data, and goes to who asked, nowhere else.
    """

    server: str
    id: str
    url: str
    opens_for_seconds: int
    tunnel: str


def open_console(deployment: Deployment, server: str) -> Console:
    """Ask nova for the address of a VM's console.

    `server` is a name or an id, of any project. Raises GureumError where there is no such VM, more
    than one, or one without a screen.
    """
    loaded, folder = deployment.loaded, deployment.folder
    with as_admin(loaded, folder, f"nova of the cloud {folder.name!r} gives no console") as api:
        found = find(loaded, list(api.compute.servers(all_projects=True)), server)
        ready(loaded, found)
        console = api.compute.create_console(found.id, console_type="novnc")
    return Console(
        server=str(found.name),
        id=str(found.id),
        url=str(console["url"]),
        opens_for_seconds=seconds(deployment),
        tunnel=tunnel(deployment, PORT),
    )


def find(loaded: LoadedCloud, servers: list[Any], wanted: str) -> Any:
    """Return the VM of a name or id; raises GureumError for none, or for several of one name."""
    named = [s for s in servers if wanted in (s.id, s.name)]
    if len(named) == 1:
        return named[0]
    if named:
        raise GureumError(
            f"{len(named)} VMs are called {wanted!r}",
            detail="\n".join(f"{s.id}  {s.status}  of project {s.project_id}" for s in named),
            hint=typed(loaded, "console", str(named[0].id)),
        )
    names = sorted({str(s.name) for s in servers})
    listed = ", ".join(names[:SHOWN]) + (
        f" and {more} more" if (more := len(names) - SHOWN) > 0 else ""
    )
    raise GureumError(
        f"the cloud {loaded.cloud.name!r} has no VM {wanted!r}",
        detail=f"it has: {listed}" if names else "it has no VMs at all",
        hint=did_you_mean(wanted, names)
        or typed(loaded, "openstack", "server", "list", "--all-projects"),
    )


def ready(loaded: LoadedCloud, server: Any) -> None:
    """Raise GureumError for a VM that does not run, and so has no screen."""
    if server.status in ("ACTIVE", "PAUSED", "RESCUE", "PASSWORD", "REBOOT", "HARD_REBOOT"):
        return
    fault = (server.fault or {}).get("message", "") if server.status == "ERROR" else ""
    start = "start" if server.status == "SHUTOFF" else "show"
    raise GureumError(
        f"the VM {server.name!r} has no screen: it is {server.status}",
        detail=str(fault),
        hint=typed(loaded, "openstack", "server", start, str(server.id)),
    )


def seconds(deployment: Deployment) -> int:
    """Return how long nova honours the token: its own setting or the operator's."""
    for host in known(deployment).blueprint.hosts.values():
        setting = host.tree.files.get("nova.conf", {}).get("consoleauth", {}).get("token_ttl")
        if setting is not None:
            return int(str(setting.value))
    return TOKEN_SECONDS
