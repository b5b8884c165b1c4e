"""A made-up nova and placement: compute hosts with room, VMs that move or refuse to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from openstack.exceptions import BadRequestException, NotFoundException

ROOM = {"VCPU": 4.0, "MEMORY_MB": 4096.0, "DISK_GB": 40.0}
TAKES = {"VCPU": 1, "MEMORY_MB": 1024, "DISK_GB": 10}


@dataclass
class MadeVm:
    """A VM; `alive` and `cold` say why nova does not move it that way, "" that it does.

    One that `breaks` is in nova's state ERROR after it was not moved alive, and its guest runs on.
    """

    id: str
    host: str
    status: str = "ACTIVE"
    alive: str = ""
    cold: str = ""
    task: str = ""
    goal: str = ""
    breaks: bool = False
    before: str = ""
    takes: dict[str, int] = field(default_factory=lambda: dict(TAKES))


class MadeNova:
    """What of openstacksdk's connection the life of a compute host uses, on VMs that are made up."""

    def __init__(self, hosts: dict[str, str], vms: list[MadeVm]) -> None:
        self.enabled = dict.fromkeys(hosts, "")
        self.up = {name: state == "up" for name, state in hosts.items()}
        self.vms = {vm.id: vm for vm in vms}
        self.said: dict[str, str] = {}
        self.asked: list[str] = []
        self.compute = self
        self.placement = SimpleNamespace(
            resource_providers=lambda: [SimpleNamespace(name=n, id=n) for n in hosts],
            get=self._placement,
        )

    def services(self, binary: str, host: str = "") -> Iterator[Any]:
        assert binary == "nova-compute"
        for name, reason in self.enabled.items():
            if host in ("", name):
                yield SimpleNamespace(
                    id=name,
                    host=name,
                    binary="nova-compute",
                    state="up" if self.up[name] else "down",
                    status="disabled" if reason else "enabled",
                    disabled_reason=reason or None,
                    is_forced_down=False,
                )

    def put(self, path: str, json: dict[str, Any], microversion: str) -> Any:
        name = path.rsplit("/", 1)[-1]
        assert microversion == "2.53"
        if "status" in json:
            self.enabled[name] = json.get("disabled_reason", "")
        return SimpleNamespace(status_code=200)

    def servers(self, *, details: bool, all_projects: bool, compute_host: str) -> Iterator[Any]:
        assert details
        assert all_projects
        return (self._shown(vm) for vm in list(self.vms.values()) if vm.host == compute_host)

    def get_server(self, id: str) -> Any:
        if id not in self.vms:
            raise NotFoundException
        vm = self.vms[id]
        shown = self._shown(vm)
        if vm.task:
            self._goes_on(vm)
        return shown

    def live_migrate_server(self, id: str, block_migration: str) -> None:
        vm = self.vms[id]
        assert block_migration == "auto"
        self.asked.append(f"{id} alive")
        if vm.status not in ("ACTIVE", "PAUSED"):
            raise BadRequestException(f"cannot live migrate {vm.status}")
        vm.task, vm.goal = "migrating", "" if vm.alive else self._elsewhere(vm)
        self.said[id] = vm.alive
        vm.before = vm.status

    def reset_server_state(self, id: str, state: str) -> None:
        assert state == "active"
        self.asked.append(f"{id} marked {state}")
        self.vms[id].status = "ACTIVE"

    def migrate_server(self, id: str) -> None:
        vm = self.vms[id]
        self.asked.append(f"{id} cold")
        vm.before = vm.status
        vm.task, vm.goal = "resize_prep", "" if vm.cold else self._elsewhere(vm)
        self.said[id] = vm.cold

    def confirm_server_resize(self, id: str) -> None:
        self.asked.append(f"{id} confirmed")
        self.vms[id].status = self.vms[id].before

    def server_migrations(self, id: str) -> Iterator[Any]:
        assert id in self.vms
        yield SimpleNamespace(
            memory_total_bytes=100,
            memory_processed_bytes=40,
            disk_total_bytes=100,
            disk_processed_bytes=20,
        )

    def get(self, path: str, microversion: str) -> Any:
        id = path.split("/")[2]
        assert microversion == "2.84"
        raised = f"Traceback:\n  File\nnova.exception.MigrationPreCheckError: {self.said[id]}\n"
        event = {"event": "e", "result": "Error", "traceback": raised, "details": "x"}
        actions = [{"action": "live-migration", "request_id": "1"}]
        actions += [{"action": "migrate", "request_id": "2"}]
        answer = {"instanceActions": actions, "instanceAction": {"events": [event]}}
        return SimpleNamespace(json=lambda: answer)

    def _goes_on(self, vm: MadeVm) -> None:
        if vm.goal:
            vm.host = vm.goal
            if vm.task == "resize_prep":
                vm.status = "VERIFY_RESIZE"
        elif vm.breaks and vm.task == "migrating":
            vm.status = "ERROR"
        vm.task = vm.goal = ""

    def _elsewhere(self, vm: MadeVm) -> str:
        return next(n for n in self.enabled if n != vm.host and not self.enabled[n] and self.up[n])

    def _shown(self, vm: MadeVm) -> Any:
        return SimpleNamespace(
            id=vm.id,
            name=vm.id,
            status=vm.status,
            compute_host=vm.host,
            project_id="p",
            task_state=vm.task or None,
            power_state=1 if "ACTIVE" in (vm.status, vm.before) else 4,
        )

    def _placement(self, path: str) -> Any:
        _, _, name, what = path.split("/")
        mine = [vm for vm in self.vms.values() if vm.host == name]
        usages = {k: sum(vm.takes[k] for vm in mine) for k in ROOM}
        inventory = {
            k: {"total": n, "reserved": 0, "allocation_ratio": 1.0} for k, n in ROOM.items()
        }
        answer: dict[str, Any] = {
            "usages": usages,
            "inventories": inventory,
            "allocations": {vm.id: {"resources": vm.takes} for vm in mine},
        }
        return SimpleNamespace(json=lambda: {what: answer[what]})
