"""The shape of a cloud, from what is declared and what hosts said of themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from clouds import deployment_of, known_of

from gureum.operate.known import keep_facts, known
from gureum.report.topology import MANAGEMENT, PROVIDER, TUNNEL, topology


def test_one_host_is_everything_and_has_nobody_to_tunnel_to(tmp_path: Path) -> None:
    found = topology(known_of(1, tmp_path))
    (host,) = found.hosts
    assert host.roles == ("controller", "network", "compute")
    assert host.gateway
    assert host.compute
    assert not host.tunnels
    assert {service.name for service in host.services} >= {"nova", "neutron", "ovn", "haproxy"}
    assert [(nic.device, nic.networks) for nic in host.nics] == [
        ("eno1", (MANAGEMENT, TUNNEL)),
        ("enp129s0f1np1", (PROVIDER,)),
    ]
    assert [(bridge.name, bridge.ports) for bridge in host.bridges] == [
        ("br-int", ()),
        ("br-provider", ("enp129s0f1np1",)),
    ]
    assert (found.gateway, found.pool) == ("203.0.113.1", ("203.0.113.100", "203.0.113.250"))
    assert [(n.name, n.cidr) for n in found.networks] == [
        (MANAGEMENT, "192.0.2.0/24"),
        (PROVIDER, "203.0.113.0/24"),
    ]
    assert ("nova-api", 8774) in found.apis


@pytest.mark.parametrize(("count", "gateways"), [(3, 1), (8, 3)])
def test_several_hosts_tunnel_and_leave_by_network_hosts(
    tmp_path: Path, count: int, gateways: int
) -> None:
    found = topology(known_of(count, tmp_path))
    assert len(found.hosts) == count
    assert len(found.gateways) == gateways
    assert all(host.tunnels for host in found.hosts)
    assert "tunnels" in found.networks[0].carries
    computes = [host for host in found.hosts if host.compute]
    assert not any(host.fronts or host.gateway for host in computes)
    assert all("compute" in {u for s in h.services for u in s.units} for h in computes)


def test_tunnels_of_their_own_network_are_told_apart(tmp_path: Path) -> None:
    """Where the tunnels' address is another NIC's, it is that NIC that carries them."""
    networks = {"provider": {"cidr": "203.0.113.0/24"}, "tunnel": {"cidr": "198.51.100.0/24"}}
    deployment = deployment_of(1, tmp_path, networks=networks)
    facts = json.loads(deployment.folder.facts.read_text())["hosts"]
    nic = {"name": "eno2", "ipv4": ["198.51.100.10/24"], "mac": "c", "mtu": 1500, "kind": ""}
    facts["one"]["nics"].append(nic)
    keep_facts(deployment.folder, {"one": "192.0.2.10"}, facts)
    found = topology(known(deployment))
    assert [nic.networks for nic in found.hosts[0].nics] == [(MANAGEMENT,), (TUNNEL,), (PROVIDER,)]
    assert [(n.name, n.cidr) for n in found.networks][1] == (TUNNEL, "198.51.100.0/24")


def test_the_way_of_a_packet_follows_the_driver(tmp_path: Path) -> None:
    """R-SVC-5: what is drawn is what there is, in the order in which a packet passes it."""
    plain = topology(known_of(3, tmp_path / "ovn"))
    assert [host.way for host in plain.hosts] == [
        ("br-int", "router", "br-provider"),
        ("VMs", "br-int"),
        ("VMs", "br-int"),
    ]
    classic = topology(known_of(3, tmp_path / "ovs", network={"driver": "ovs"}))
    assert [host.way for host in classic.hosts] == [
        ("br-tun", "br-int", "router", "br-provider"),
        ("VMs", "qbr", "br-int", "br-tun"),
        ("VMs", "qbr", "br-int", "br-tun"),
    ]
    assert classic.tunnel_type.label == "VXLAN"
    one = topology(known_of(1, tmp_path / "one", network={"driver": "ovs"}))
    assert one.hosts[0].way == ("VMs", "qbr", "br-int", "router", "br-provider")
