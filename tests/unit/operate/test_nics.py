"""R-PREP-2, R-PREP-3: which NIC of a host carries which network, and what is told where none is sure."""

from __future__ import annotations

from typing import Any

import pytest
from three_hosts import DATA, facts, nic

from gureum.model.cloud import Cloud
from gureum.operate.nics import HostNics, resolve


def found(host: str, said: dict[str, Any] | None = None, **changes: Any) -> HostNics:
    """Resolve the NICs of a host whose entry in the input has these changes."""
    hosts = {**DATA["hosts"], host: {**DATA["hosts"][host], **changes}}
    return resolve(Cloud.model_validate({**DATA, "hosts": hosts}), host, said or facts(host))


def test_what_is_not_named_is_found_by_address_subnet_and_what_is_left() -> None:
    nics = found("n")
    assert {network: one.device for network, one in nics.found.items()} == {
        "management": "eno1",
        "tunnel": "eno3",
        "provider": "eno2",
    }
    assert nics.tunnel_address == "198.51.100.12/24"
    assert nics.found["management"].why == "it has the address 192.0.2.12"
    assert "networks.tunnel.cidr" in nics.found["tunnel"].why
    assert nics.found["provider"].why == "it is the only one without an address"


@pytest.mark.parametrize("named", ["eno2", "52:54:00:00:02:12", "52:54:00:00:02:12".upper()])
def test_a_nic_is_named_by_name_or_mac(named: str) -> None:
    assert found("n", nics={"provider": named}).device("provider") == "eno2"


def test_a_mac_means_the_card_and_not_the_bridge_on_it() -> None:
    said = facts("n")
    said["nics"].append({**nic("br0", 2, mac="52:54:00:00:02:12"), "kind": "bridge"})
    assert found("n", said, nics={"provider": "52:54:00:00:02:12"}).device("provider") == "eno2"


def test_two_that_would_do_are_told_with_what_to_write() -> None:
    """Nothing is guessed: a wrong guess takes an address off somebody's network."""
    said = facts("n")
    said["nics"] += [nic("eno4", 2), nic("eno5", 2)]
    (problem,) = found("n", said).problems
    assert problem.summary == "3 NICs could be the provider network's"
    for name in ("eno2", "eno4", "eno5"):
        assert name in problem.detail
    assert problem.hint == "say which in cloud.yaml: hosts.n.nics.provider: eno2"
    assert found("n", said, nics={"provider": "eno4"}).device("provider") == "eno4"


def test_a_subnet_that_two_nics_are_on_is_told() -> None:
    said = facts("d")
    said["nics"].append(nic("eno4", 3, address="198.51.100.99/24"))
    (problem,) = found("d", said).problems
    assert problem.network == "tunnel"
    assert "eno3 (198.51.100.13/24" in problem.detail


def test_what_software_made_is_never_taken_for_a_spare_nic() -> None:
    said = facts("n")
    made = ("tap1234", "qvo1234", "qvb1234", "qbr1234", "br-int", "docker0", "veth12", "vnet0")
    said["nics"] += [nic(name, 2) for name in made]
    nics = found("n", said)
    assert (nics.device("provider"), list(nics.problems)) == ("eno2", [])


def test_only_network_hosts_need_a_provider_nic() -> None:
    said = facts("d")
    said["nics"] = [one for one in said["nics"] if one["name"] != "eno2"]
    nics = found("d", said)
    assert (nics.device("provider"), list(nics.problems)) == ("", [])
    said["nics"] += [nic("eno4", 3), nic("eno5", 3)]
    assert found("d", said).problems == []


def test_a_host_whose_address_is_elsewhere_is_told() -> None:
    """Reached by a translated address: what it serves would be bound to one that it has not."""
    (problem,) = found("c", address="203.0.113.9").problems
    assert problem.summary == "it has no NIC with its own address, 203.0.113.9"
    assert "eno1 (192.0.2.11/24" in problem.detail


def test_all_problems_of_a_host_come_at_once() -> None:
    nics = found("n", nics={"management": "x1", "tunnel": "x2", "provider": "x3"})
    assert [problem.network for problem in nics.problems] == ["management", "tunnel", "provider"]


def test_without_a_tunnel_network_tunnels_run_over_management() -> None:
    data = {**DATA, "networks": {"provider": {"cidr": "203.0.113.0/24"}}}
    nics = resolve(Cloud.model_validate(data), "d", facts("d"))
    assert (nics.device("tunnel"), nics.tunnel_address, list(nics.problems)) == ("", "", [])


def test_a_network_host_with_one_nic_is_told_of_the_way_and_may_take_it() -> None:
    """R-PREP-3: one NIC works too, where the operator says so."""
    said = facts("n")
    said["nics"] = [one for one in said["nics"] if one["name"] != "eno2"]
    (problem,) = found("n", said).problems
    assert "hosts.n.nics.provider: none" in problem.hint
    nics = found("n", said, nics={"provider": "none"})
    assert (nics.device("provider"), list(nics.problems)) == ("", [])
    # A spare NIC is not taken either.
    assert found("n", nics={"provider": "none"}).device("provider") == ""
