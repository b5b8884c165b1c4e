"""Where tunnels end on each host, and how much they may carry (R-PREP-2, R-PREP-3, R-TOPO-2)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from one_host import FACTS

from gureum.errors import HostError
from gureum.model.cloud import Cloud
from gureum.model.default import three_node
from gureum.model.load import LoadedCloud
from gureum.operate.deployment import Blueprint, Deployment
from gureum.operate.facts import host_facts
from gureum.state.folder import CloudFolder
from gureum.steps.network import OvsConfigured

ADDRESS = "198.51.100.11/24"
ADDRESSES = {"controller": "192.0.2.11", "network": "192.0.2.12", "compute": "192.0.2.13"}


def cloud(*, cidr: str | None = None, nics: dict[str, str] | None = None) -> Cloud:
    hosts = {
        "one": {"roles": ["controller", "network"], "nics": nics or {}},
        "two": {"roles": ["compute"]},
    }
    networks = {"tunnel": {"cidr": cidr}} if cidr else {}
    return Cloud.model_validate({"hosts": hosts, "networks": networks})


def real(**changes: Any) -> dict[str, Any]:
    """A host that no lab made, whose kernel has openvswitch."""
    found: dict[str, Any] = json.loads(json.dumps(FACTS))
    del found["lab_nics"]
    return {**found, "openvswitch": "loaded", **changes}


def tunnel(of: Cloud, raw: dict[str, Any]) -> tuple[str, str, int]:
    facts = host_facts(of, "one", raw)
    return facts.tunnel_nic, facts.tunnel_address, facts.tunnel_mtu


@pytest.mark.parametrize("named", ["eth2", "c", "198.51.100.0/24"])
def test_the_tunnel_nic_is_found_by_name_mac_or_subnet(named: str) -> None:
    assert tunnel(cloud(nics={"tunnel": named}), real()) == ("eth2", ADDRESS, 1450)


def test_the_tunnel_nic_is_found_by_the_networks_subnet() -> None:
    assert tunnel(cloud(cidr="198.51.100.0/24"), real()) == ("eth2", ADDRESS, 1450)


def test_an_address_that_was_moved_to_the_bridge_is_found_there() -> None:
    """The second run meets the host as the first left it."""
    moved = real()
    moved["nics"][2]["ipv4"] = []
    bridge = {"name": "br-vtep", "ipv4": [ADDRESS], "mac": "d", "mtu": 1450, "kind": "tun"}
    moved["nics"].append({**bridge, "ports": ["eth2"]})
    assert tunnel(cloud(cidr="198.51.100.0/24"), moved) == ("eth2", ADDRESS, 1450)
    assert tunnel(cloud(nics={"tunnel": "eth2"}), moved) == ("eth2", ADDRESS, 1450)
    # Nor is the tunnel NIC taken for the provider's, although it has no address any more.
    moved["nics"][1]["name"] = "eth9"
    assert host_facts(cloud(nics={"tunnel": "eth2"}), "one", moved).provider_nic == "eth9"


def test_without_a_tunnel_network_tunnels_run_over_the_management_network() -> None:
    assert tunnel(cloud(), real()) == ("", "", 1400)


@pytest.mark.parametrize(
    ("of", "raw", "words"),
    [
        (cloud(cidr="203.0.113.0/24"), real(), "no NIC on the tunnel network"),
        (cloud(nics={"tunnel": "eth1"}), real(), "has no address"),
        (cloud(), real(openvswitch="absent"), "kernel has no openvswitch"),
    ],
)
def test_a_host_that_could_end_no_tunnel_is_refused(
    of: Cloud, raw: dict[str, Any], words: str
) -> None:
    with pytest.raises(HostError, match=words) as caught:
        host_facts(of, "one", raw)
    assert "hosts.one.nics.tunnel" in caught.value.hint


def blueprint(tmp_path: Path, **mtus: int) -> Blueprint:
    deployment = Deployment(LoadedCloud(three_node("n")), CloudFolder("n", tmp_path))
    said = {}
    for number, name in enumerate(ADDRESSES):
        said[name] = json.loads(json.dumps(FACTS))
        said[name]["nics"][2] |= {"ipv4": [f"198.51.100.{number}/24"], "mtu": mtus.get(name, 1450)}
    return deployment.blueprint(ADDRESSES, said)


def test_hosts_end_tunnels_at_their_tunnel_addresses(tmp_path: Path) -> None:
    """The userspace datapath ends a tunnel only at an address of one of its own ports."""
    found = blueprint(tmp_path)
    for name, address in (("network", "198.51.100.1"), ("compute", "198.51.100.2")):
        states = [s.state for s in found.hosts[name].steps if isinstance(s.state, OvsConfigured)]
        switch, chassis = states
        assert chassis.external_ids["ovn-encap-ip"] == address
        assert switch.bridges["br-vtep"] == ("netdev", "standalone", ("eth2",))
        units = {u.name: u for d in found.hosts[name].declarations for u in d.units}
        moves = " ".join(units["gureum-tunnel"].command)
        assert moves == f"/usr/sbin/ip address replace {address}/24 dev br-vtep"
        assert "openvswitch.unit.gureum-tunnel" in units["ovn-controller"].needs
    assert "gureum-tunnel" not in {
        u.name for d in found.hosts["controller"].declarations for u in d.units
    }


def test_the_narrowest_host_decides_what_vms_may_send(tmp_path: Path) -> None:
    found = blueprint(tmp_path, network=9000, compute=1430).hosts["controller"].tree.files
    ml2 = found["ml2_conf.ini"]["ml2"]
    assert ml2["path_mtu"].value == 1430
    assert ml2["physical_network_mtus"].value == ("provider:1500",)
    assert found["neutron.conf"]["DEFAULT"]["global_physnet_mtu"].value == 1500
