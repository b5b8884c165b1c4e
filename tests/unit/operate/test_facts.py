"""What hosts say of themselves: NICs by name, MAC or subnet; bad grounds named before they hurt."""

from __future__ import annotations

from typing import Any

import pytest

from gureum.errors import HostError
from gureum.model.cloud import Cloud, Host, Role
from gureum.operate.facts import host_facts, preflight
from gureum.services.declaration import Port

PORTS = [
    Port(number=3306, address="10.0.0.10", unit="mariadb", purpose="SQL"),
    Port(number=5000, address="127.0.0.1", unit="keystone-api", purpose="backend"),
    Port(number=5000, address="10.0.0.10", unit="haproxy", purpose="TLS"),
]
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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"memory_mb": 1024}, "1024 MB of memory"),
        ({"disk_free_mb": {"/": 900, "/var": 300}}, "300 MB free under /var"),
        ({"systemd": "absent"}, "does not run systemd"),
        ({"os": {"id": "fedora", "version": "44", "name": "Fedora 44"}}, "Fedora 44"),
        (
            {
                "ports": [
                    {
                        "protocol": "tcp",
                        "address": "0.0.0.0",  # noqa: S104
                        "port": 3306,
                        "unit": "mysqld.service",
                        "process": "mysqld",
                    }
                ]
            },
            "port 3306 of one is taken by mysqld",
        ),
    ],
)
def test_bad_grounds_are_named_with_a_way_out(changes: dict[str, Any], words: str) -> None:
    """R-PREP-8: too little memory or disk, no systemd, an unknown system, a port already taken."""
    found = preflight("one", raw(**changes), PORTS)
    assert len(found) == 1
    assert words in found[0].summary
    assert found[0].hint


def test_our_own_unit_on_its_port_is_no_problem() -> None:
    ours = {
        "protocol": "tcp",
        "address": "10.0.0.10",
        "port": 3306,
        "unit": "mariadb.service",
        "process": "mariadbd",
    }
    other = {**ours, "address": "10.9.9.9", "unit": "elsewhere.service"}
    assert preflight("one", raw(ports=[ours, other]), PORTS) == []


def test_a_port_held_by_somebodys_own_program_is_freed_by_ending_it() -> None:
    """R-PREP-8: to stop the login that it came with would end the reader's own as well."""
    held = {
        "protocol": "tcp",
        "address": "0.0.0.0",  # noqa: S104
        "port": 5000,
        "pid": 4711,
        "process": "python3",
        "unit": "session-7.scope",
    }
    (found,) = preflight("one", raw(ports=[held]), PORTS)
    assert found.summary == "port 5000 of one is taken by python3"
    assert found.hint == "stop it on one: kill 4711"


@pytest.mark.parametrize(
    ("address", "unit", "taken"),
    [
        ("127.0.0.1", "keystone-api.service", False),
        ("10.0.0.10", "haproxy.service", False),
        ("127.0.0.1", "intruder.service", True),
        ("10.0.0.10", "intruder.service", True),
        ("10.77.0.1", "intruder.service", False),
    ],
)
def test_two_units_may_share_a_number_on_two_addresses(
    address: str, unit: str, taken: bool
) -> None:
    """R-PREP-8: the backend's address is guarded as well as the one with TLS."""
    held = {"protocol": "tcp", "address": address, "port": 5000, "unit": unit, "process": "x"}
    assert bool(preflight("one", raw(ports=[held]), PORTS)) is taken
