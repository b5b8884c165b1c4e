"""R-OPS-6: a host leaves no service, hypervisor, provider, allocation, agent or chassis."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from openstack.exceptions import ConflictException, NotFoundException

from gureum.operate.computes.records import Records, forget, records_of


class Kept:
    """What a made-up cloud keeps of hosts; `stubborn` is what refuses to go."""

    def __init__(self, *hosts: str, stubborn: str = "") -> None:
        self.hosts = {
            host: ["service", "hypervisor", "provider", "agent", "chassis"] for host in hosts
        }
        self.allocated: dict[str, str] = {}
        self.vms: set[str] = set()
        self.stubborn = stubborn
        self.compute = self.network = self.placement = self

    def services(self, host: str) -> Iterator[Any]:
        if "service" in self.hosts.get(host, ()):
            yield SimpleNamespace(id=host, binary="nova-compute")

    def hypervisors(self) -> Iterator[Any]:
        return (SimpleNamespace(name=f"{h}.example.org") for h in self._with("hypervisor"))

    def resource_providers(self) -> Iterator[Any]:
        return (SimpleNamespace(id=h, name=h) for h in self._with("provider"))

    def agents(self, host: str) -> Iterator[Any]:
        if "agent" in self.hosts.get(host, ()):
            yield SimpleNamespace(id=host, binary="neutron-ovn-agent")

    def get(self, path: str) -> Any:
        host = path.split("/")[2]
        mine = {vm: {} for vm, at in self.allocated.items() if at == host}
        return SimpleNamespace(json=lambda: {"allocations": mine})

    def get_server(self, id: str) -> Any:
        if id not in self.vms:
            raise NotFoundException

    def delete_service(self, host: str) -> None:
        self._go("service", host)
        self.hosts[host].remove("hypervisor")
        if not any(at == host for at in self.allocated.values()):
            self.hosts[host].remove("provider")

    def delete_agent(self, host: str) -> None:
        self._go("agent", host)

    def delete(self, path: str) -> None:
        del self.allocated[path.rsplit("/", 1)[-1]]

    def delete_resource_provider(self, host: str) -> None:
        if any(at == host for at in self.allocated.values()):
            raise ConflictException("has allocations")
        self._go("provider", host)

    def on_record(self) -> dict[str, list[str]]:
        return {host: ["OVN chassis"] for host in self._with("chassis")}

    def forget_chassis(self, host: str) -> None:
        self._go("chassis", host)

    def _with(self, what: str) -> list[str]:
        return [host for host, kept in self.hosts.items() if what in kept]

    def _go(self, what: str, host: str) -> None:
        if what == self.stubborn:
            raise ConflictException(f"{what} stays")
        self.hosts[host].remove(what)


def gone(kept: Kept, host: str) -> tuple[Records, Records, list[str]]:
    return forget(kept, host, kept.on_record, lambda: kept.forget_chassis(host))


def test_everything_of_one_host_goes_and_nothing_of_others() -> None:
    kept = Kept("c1", "c11")
    before, after, refused = gone(kept, "c1")
    assert before.words() == [
        "nova's service nova-compute",
        "the hypervisor c1.example.org",
        "the provider of its room in placement",
        "neutron's agent neutron-ovn-agent",
        "its chassis in OVN",
    ]
    assert after == Records()
    assert not refused
    assert kept.hosts["c1"] == []
    assert len(kept.hosts["c11"]) == 5


def test_what_is_gone_already_is_no_obstacle() -> None:
    kept = Kept("c1")
    gone(kept, "c1")
    assert gone(kept, "c1") == (Records(), Records(), [])
    assert gone(kept, "never-heard-of") == (Records(), Records(), [])


def test_allocations_of_vms_that_are_no_more_go_along() -> None:
    kept = Kept("c1")
    kept.allocated = {"dead-vm": "c1"}
    before, after, _ = gone(kept, "c1")
    assert "the allocation of dead-vm" in before.words()
    assert after == Records()


def test_an_allocation_of_a_vm_that_lives_is_left_and_told() -> None:
    kept = Kept("c1")
    kept.allocated, kept.vms = {"vm": "c1"}, {"vm"}
    _, after, refused = gone(kept, "c1")
    assert after.words() == ["the provider of its room in placement", "the allocation of vm"]
    assert "has allocations" in refused[0]


def test_a_service_that_nova_keeps_is_told_and_its_provider_left_alone() -> None:
    kept = Kept("c1", stubborn="service")
    _, after, refused = gone(kept, "c1")
    assert [name for _, name in after.services] == ["nova-compute"]
    assert after.providers
    assert refused == ["nova's service nova-compute: service stays"]
    assert records_of(kept, "c1", kept.on_record) == after
