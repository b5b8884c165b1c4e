"""The VMs of a compute host as nova knows them, and how each of them can leave."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from gureum.checks.client import client


class Way(enum.StrEnum):
    """How a VM comes to another host."""

    LIVE = "alive"
    COLD = "shut off"
    NONE = "not at all"


@dataclass(frozen=True, kw_only=True)
class Vm:
    """A VM on a host; `task` is what nova is doing with it, "" for nothing.

    `powered` tells that its guest runs, whatever nova thinks of the VM.
    """

    id: str
    name: str
    status: str
    host: str
    project: str
    task: str = ""
    powered: bool = False

    @property
    def runs(self) -> bool:
        """Whether the guest runs, so that somebody notices when it is shut off."""
        return self.status == "ACTIVE"


@dataclass(frozen=True)
class Leave:
    """The way in which a VM can leave, and for one that cannot why not and what a person types."""

    way: Way
    why: str = ""
    hint: tuple[str, ...] = ()


_RUNNING = 1
"""nova's number for a guest that runs."""
_STUCK = {
    "SUSPENDED": ("its memory lies in a file of this host", ("server", "resume")),
    "RESCUE": ("it runs its rescue system", ("server", "unrescue")),
    "SHELVED": ("it is shelved, and its disk still lies here", ("server", "shelve", "--offload")),
    "VERIFY_RESIZE": ("a resize of it waits for a yes", ("server", "resize", "confirm")),
    "SOFT_DELETED": ("it is deleted, and kept for a while", ("server", "delete", "--force")),
    "ERROR": ("it is in the state ERROR", ("server", "show")),
}


def leave(vm: Vm, *, cold: bool = False) -> Leave:
    """Return how a VM can leave its host; with `cold` it is shut off for it where it runs."""
    if vm.status in ("ACTIVE", "PAUSED") and not cold:
        return Leave(Way.LIVE)
    if vm.status in ("ACTIVE", "SHUTOFF"):
        return Leave(Way.COLD)
    if vm.status == "PAUSED":
        return Leave(Way.NONE, "paused VMs can move alive only", ("server", "unpause", vm.id))
    why, words = _STUCK.get(vm.status, (f"it is {vm.status}", ("server", "show")))
    return Leave(Way.NONE, why, (*words, vm.id))


def vms_on(api: Any, host: str) -> list[Vm]:
    """Return the VMs of all projects that nova has on a host."""
    return [_vm(s) for s in api.compute.servers(details=True, all_projects=True, compute_host=host)]


def vm_of(api: Any, id: str) -> Vm | None:
    """Return a VM as it is now; None where it is gone."""
    try:
        return _vm(api.compute.get_server(id))
    except client().exceptions.NotFoundException:
        return None


def _vm(server: Any) -> Vm:
    return Vm(
        id=str(server.id),
        name=str(server.name),
        status=str(server.status),
        host=str(server.compute_host or ""),
        project=str(server.project_id),
        task=str(server.task_state or ""),
        powered=server.power_state == _RUNNING,
    )


def sentence(count: int) -> str:
    """Return `1 VM`, `3 VMs`, `no VM`."""
    return "no VM" if not count else f"{count} VM{'' if count == 1 else 's'}"
