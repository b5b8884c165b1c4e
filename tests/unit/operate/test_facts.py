"""What hosts say of themselves, as services ask for it: NICs by name, MAC or subnet, KVM."""

from __future__ import annotations

from typing import Any

import pytest

from gureum.errors import HostError
from gureum.model.cloud import Cloud, Host, Network, Role
from gureum.operate.facts import host_facts

ROLES = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)


def raw(**changes: Any) -> dict[str, Any]:
    """A healthy host's answer, with changes."""
    found = {
        "cpus": 2,
        "memory_mb": 16000,
        "disk_free_mb": {"/": 50000, "/var": 50000},
        "kvm": {"works": False, "why": "no"},
        "openvswitch": "absent",
        "container": True,
        "systemd": "running",
        "os": {"id": "debian", "version": "13", "name": "Debian 13"},
        "default_route": {"gateway": "10.0.0.1", "device": "host0"},
        "nics": [
            {
                "name": "lo",
                "mac": "00:00:00:00:00:00",
                "ipv4": ["127.0.0.1/8"],
                "mtu": 65536,
                "kind": "",
            },
            {
                "name": "host0",
                "mac": "aa:00:00:00:00:01",
                "ipv4": ["10.0.0.10/24"],
                "mtu": 1400,
                "kind": "veth",
            },
            {"name": "eth1", "mac": "aa:00:00:00:00:02", "ipv4": [], "mtu": 1400, "kind": "veth"},
        ],
        "ports": [],
    }
    return {**found, **changes}


def cloud(**nics: str) -> Cloud:
    return Cloud(hosts={"one": Host(roles=ROLES, nics=nics)})  # type: ignore[arg-type]


def test_a_compute_host_needs_a_provider_nic_where_floating_ips_leave_there() -> None:
    """R-SVC-5: what nova and neutron made for a VM is no NIC of the host."""
    made = [
        {"name": n, "mac": n, "ipv4": [], "mtu": 1500, "kind": "veth"} for n in ("qvo1", "tap1")
    ]
    said = raw(nics=[*raw()["nics"][:2], *made])
    of = Cloud.model_validate(
        {
            "hosts": {"one": {"roles": ["compute"]}},
            "network": {"distributed_floating_ips": True},
        }
    )
    with pytest.raises(HostError, match="no NIC for the provider network"):
        host_facts(of, "one", said)
    alone = of.model_copy(update={"network": Network()})
    assert host_facts(alone, "one", said).provider_nic == ""


def test_the_nic_without_an_address_is_the_providers() -> None:
    facts = host_facts(cloud(), "one", raw())
    assert (facts.management_nic, facts.provider_nic, facts.mtu) == ("host0", "eth1", 1400)


@pytest.mark.parametrize("named", ["eth1", "aa:00:00:00:00:02"])
def test_a_nic_may_be_named_by_name_or_mac(named: str) -> None:
    assert host_facts(cloud(provider=named), "one", raw()).provider_nic == "eth1"


def test_a_nic_may_be_named_by_the_subnet_it_carries() -> None:
    assert host_facts(cloud(management="10.0.0.0/24"), "one", raw()).management_nic == "host0"


def test_a_nic_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(HostError) as caught:
        host_facts(cloud(provider="enp9s0"), "one", raw())
    assert "enp9s0" in caught.value.summary
    assert "eth1" in caught.value.detail
    assert "hosts.one.nics.provider" in caught.value.hint


def test_emulation_is_chosen_where_kvm_does_not_work() -> None:
    """R-PREP-7: /dev/kvm counts only where it really works."""
    assert host_facts(cloud(), "one", raw()).kvm is False
    assert host_facts(cloud(), "one", raw(kvm={"works": True, "why": ""})).kvm is True
