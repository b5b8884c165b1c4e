"""What the scenario knows while it runs, and what it gathers when something goes wrong."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gureum.checks.check import Evidence
from gureum.checks.vm import console
from gureum.checks.vm.milestones import Milestones
from gureum.checks.vm.outside import Watch
from gureum.checks.vm.preparation import Prepared
from gureum.checks.vm.settings import VmSettings
from gureum.checks.vm.shell import KeyPair, Shell
from gureum.checks.vm.waiting import until

T = TypeVar("T")

MARKER = "/run/gureum-verify"


@dataclass
class Booted:
    """A VM that was asked for, and the world around it."""

    admin: Any
    prepared: Prepared
    settings: VmSettings
    milestones: Milestones
    server_id: str
    name: str
    token: str
    user: str
    keys: KeyPair
    watch: Watch
    facts: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    volumes_ready: threading.Event = field(default_factory=threading.Event)
    attaching: threading.Lock = field(default_factory=threading.Lock)
    volume_id: str = ""
    volume_sha256: str = ""
    snapshot_made: threading.Event = field(default_factory=threading.Event)
    lent: threading.Event = field(default_factory=threading.Event)
    """Whether another VM has the volume by now, or never will."""
    read_elsewhere: str = ""

    @property
    def shell(self) -> Shell:
        """Commands in the VM."""
        way = self.settings.outside.ssh_options()
        return Shell(self.prepared.floating_ip, self.user, self.keys, way)

    def until(self, look: Callable[[], T], *, within: float, pause: float = 0.2) -> T | None:
        """Wait as `waiting.until` does, but no longer than the run itself goes on."""
        return until(look, within=within, pause=pause, stop=self.stopped)

    def stop(self) -> None:
        """End all waiting, and forget the key."""
        self.stopped.set()
        self.watch.stop()
        self.keys.remove()

    def console_text(self) -> str:
        """Return the console log, empty where nova has none yet."""
        with contextlib.suppress(Exception):
            answer = self.prepared.api.compute.get_server_console_output(self.server_id)
            return str(answer.get("output") or "")
        return ""

    def autopsy(self) -> tuple[Evidence, ...]:
        """Return what tells why a VM does not work: its fault, its port's binding, its console."""
        found = []
        with contextlib.suppress(Exception):
            server = self.admin.compute.get_server(self.server_id)
            fault = server.fault or {}
            said = f"{server.status}, task {server.task_state}, on {server.compute_host}"
            details = f"\n{fault.get('message', '')}\n{fault.get('details', '')}" if fault else ""
            found.append(Evidence(command=f"server show {self.server_id}", output=said + details))
        with contextlib.suppress(Exception):
            port = self.admin.network.get_port(self.prepared.port.id)
            said = (
                f"{port.status}, bound to {port.binding_host_id or 'no host'} as "
                f"{port.binding_vif_type}, device {port.device_owner} {port.device_id}"
            )
            found.append(Evidence(command=f"port show {port.id}", output=said))
        text = self.console_text()
        found.append(
            Evidence(
                command=f"console log show {self.server_id}",
                output=console.tail(text) or "the console log is empty",
            )
        )
        return tuple(found)
