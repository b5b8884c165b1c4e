"""One VM comes to another host: asked of nova, watched to its end, and told with nova's own reason."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gureum.checks.client import refusals
from gureum.checks.runner import first_line
from gureum.operate.computes.vms import Vm, Way, vm_of

PAUSE = 1.0
QUIET = 3
"""Looks at which a VM has to be at rest where it was before a move counts as failed: nova clears what
it does with a VM a moment before it says where the VM is."""
WITHIN = 3600.0
"""Seconds for one VM. nova gives a live migration up itself, after minutes for each GB."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How it went with one VM: `to` is "" where it is still where it was, `why` then says why.

    `request` is nova's id of a move that failed, by which its logs tell more; `why` is "" where
    they alone do.
    """

    vm: Vm
    way: Way
    to: str = ""
    seconds: float = 0.0
    why: str = ""
    gone: bool = False
    request: str = ""


Progress = Callable[[Vm, str], None]
"""Is told how far a VM has come, as a person says it."""


def move(api: Any, vm: Vm, way: Way, *, progress: Progress, stopped: threading.Event) -> Moved:
    """Move a VM and return where it came to, or why nova did not move it. Nothing is raised."""
    began = time.monotonic()
    try:
        _ask(api, vm, way)
        return _watched(api, vm, way, began=began, progress=progress, stopped=stopped)
    except refusals() as error:
        return Moved(vm=vm, way=way, why=first_line(error), seconds=_since(began))


def _ask(api: Any, vm: Vm, way: Way) -> None:
    if way is Way.LIVE:
        api.compute.live_migrate_server(vm.id, block_migration="auto")
    else:
        api.compute.migrate_server(vm.id)


def _watched(
    api: Any, vm: Vm, way: Way, *, began: float, progress: Progress, stopped: threading.Event
) -> Moved:
    at_rest, confirmed = 0, False
    while True:
        now = vm_of(api, vm.id)
        if now is None:
            return Moved(
                vm=vm, way=way, gone=True, why="it was deleted meanwhile", seconds=_since(began)
            )
        if now.status == "VERIFY_RESIZE" and not now.task and not confirmed:
            # nova keeps the old disk until somebody says that the VM is well where it came to.
            api.compute.confirm_server_resize(vm.id)
            confirmed = True
        elif not now.task and now.status != "VERIFY_RESIZE":
            if now.host != vm.host and now.status != "ERROR":
                return Moved(vm=vm, way=way, to=now.host, seconds=_since(began))
            at_rest += 1
            if at_rest >= QUIET:
                return _failed(api, vm, now, way, began)
        else:
            at_rest = 0
            progress(vm, _share(api, vm, way))
        if _since(began) > WITHIN:
            why = f"nova still moves it after {WITHIN / 60:.0f} minutes"
            return Moved(vm=vm, way=way, why=why, seconds=_since(began))
        if stopped.wait(PAUSE):
            why = "left to nova: it goes on by itself"
            return Moved(vm=vm, way=way, why=why, seconds=_since(began))


def _share(api: Any, vm: Vm, way: Way) -> str:
    """Return how much of a VM's memory and disk is over already, "" where nova does not know."""
    if way is not Way.LIVE:
        return ""
    for one in api.compute.server_migrations(vm.id):
        total = (one.memory_total_bytes or 0) + (one.disk_total_bytes or 0)
        done = (one.memory_processed_bytes or 0) + (one.disk_processed_bytes or 0)
        if total:
            return f"{min(99, round(100 * done / total))} %"
    return ""


def _failed(api: Any, vm: Vm, now: Vm, way: Way, began: float) -> Moved:
    """Return why a VM is still where it was, marked as what it is.

    A live migration that fails is rolled back, and nova calls the VM broken all the same
    (`_do_live_migration`), although its guest never stopped. Nobody could do anything with it then.
    """
    if vm.runs and now.status == "ERROR" and now.host == vm.host and now.powered:
        api.compute.reset_server_state(vm.id, "active")
    why, request = _reason(api, vm, way)
    return Moved(vm=vm, way=way, why=why, request=request, seconds=_since(began))


def _reason(api: Any, vm: Vm, way: Way) -> tuple[str, str]:
    """Return what nova wrote down of the failure, the last event that went wrong, and its request."""
    wanted = "live-migration" if way is Way.LIVE else "migrate"
    actions = api.compute.get(f"/servers/{vm.id}/os-instance-actions", microversion="2.84").json()
    for action in actions["instanceActions"]:
        if action["action"] == wanted:
            request = str(action["request_id"])
            path = f"/servers/{vm.id}/os-instance-actions/{request}"
            events = api.compute.get(path, microversion="2.84").json()["instanceAction"]["events"]
            for event in events:
                if event["result"] == "Error":
                    return _said(event), request
            return "", request
    return "", ""


def _said(event: dict[str, Any]) -> str:
    """Return the sentence of an event: its details, better the last line of what was raised."""
    raised = str(event.get("traceback") or "").strip().splitlines()
    last = raised[-1].strip() if raised else ""
    name, _, sentence = last.partition(": ")
    if sentence and " " not in name:
        return sentence
    return last or str(event.get("details") or event["event"])


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)
