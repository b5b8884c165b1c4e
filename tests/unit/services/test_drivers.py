"""The two drivers of neutron: what each declares, and that neither declares the other's."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from gureum.model.cloud import Cloud, Host, Network, Role
from gureum.plan.build import build
from gureum.releases import load_release
from gureum.services import declarations
from gureum.services.context import Context, HostFacts
from gureum.services.declaration import Unit
from gureum.services.systemd import unit_file
from gureum.state.secrets import Secrets
from gureum.steps.network import OvsConfigured

AGENTS = {
    "neutron-openvswitch-agent",
    "neutron-l3-agent",
    "neutron-dhcp-agent",
    "neutron-metadata-agent",
}
ADDRESSES = {"controller": "10.0.0.1", "network": "10.0.0.2", "compute": "10.0.0.3"}


def three(tmp_path: Path, host: str, release: str = "2026.2", **network: Any) -> Context:
    """Return the context of a host of a three-node cloud with the driver ovs."""
    cloud = Cloud(
        hosts={name: Host(roles=(Role(name),)) for name in ADDRESSES},
        network=Network.model_validate({"driver": "ovs", **network}),
    )
    return Context(
        cloud=cloud,
        host=host,
        facts=HostFacts(
            cpus=2, provider_nic="eth1", tunnel_nic="eth2", tunnel_address="198.51.100.3/24"
        ),
        secrets=Secrets(tmp_path / "secrets.json"),
        release=load_release(release),
        addresses=ADDRESSES,
    )


def settings(c: Context) -> dict[str, Any]:
    """Return the values of all options of neutron on a host, by `file [section] name`."""
    return {
        f"{o.file} [{o.section}] {o.name}": o.setting.value
        for d in declarations(c)
        for o in d.options
        if d.service == "neutron"
    }


def units(c: Context) -> dict[str, Unit]:
    """Return all units of a host by name."""
    return {u.name: u for d in declarations(c) for u in d.units}


def bridges(c: Context) -> dict[str, Any]:
    """Return the bridges of a host."""
    return {
        name: bridge
        for step in build(c).steps
        if isinstance(step.state, OvsConfigured)
        for name, bridge in step.state.bridges.items()
    }


@pytest.mark.parametrize("release", ["2026.1", "2026.2"])
@pytest.mark.parametrize("host", ADDRESSES)
def test_every_option_fits_the_schema_of_its_release(
    tmp_path: Path, host: str, release: str
) -> None:
    """R-SVC-5, R-CONF-3: build raises for an option or value that the release does not know."""
    for network in ({}, {"firewall": "openvswitch", "dns_servers": ["192.0.2.53"]}):
        found = build(three(tmp_path, host, release, **network))
        assert not [w for w in found.warnings if "_agent.ini" in w.summary]


def test_agents_run_where_their_hosts_roles_want_them(tmp_path: Path) -> None:
    """R-SVC-5: routers, DHCP and metadata on network hosts, switches on compute hosts too."""
    for host, wanted in (
        ("controller", {"neutron-rpc-server"}),
        ("network", AGENTS),
        ("compute", {"neutron-openvswitch-agent"}),
    ):
        found = units(three(tmp_path, host))
        assert {*AGENTS, "neutron-rpc-server"} & set(found) == wanted
        assert not [name for name in found if name.startswith(("ovn-", "neutron-ovn-"))]


def test_ovn_has_none_of_the_agents_and_ovs_nothing_of_ovn(context: Context) -> None:
    assert not {*AGENTS, "neutron-rpc-server"} & set(units(context))
    other = dataclasses.replace(
        context,
        cloud=context.cloud.model_copy(
            update={"network": Network.model_validate({"driver": "ovs"})}
        ),
    )
    declared = declarations(other)
    assert "ovn" not in {d.service for d in declared}
    packages = {name for d in declared for name in d.packages}
    assert packages >= {"openvswitch-switch", "dnsmasq-base", "haproxy", "ipset", "conntrack"}
    assert not [name for name in packages if name.startswith("ovn")]
    assert not [o for d in declared for o in d.options if "ovn" in str(o.setting.value)]


def test_the_agent_of_a_compute_host(tmp_path: Path) -> None:
    """R-SVC-5: each option of openvswitch_agent.ini that a packet depends on."""
    found = settings(three(tmp_path, "compute"))
    file = "openvswitch_agent.ini"
    assert found[f"{file} [ovs] datapath_type"] == "netdev"
    assert found[f"{file} [ovs] local_ip"] == "198.51.100.3"
    assert found[f"{file} [ovs] bridge_mappings"] == ("provider:br-provider",)
    assert found[f"{file} [agent] tunnel_types"] == ("vxlan", "geneve")
    assert found[f"{file} [agent] l2_population"] is True
    assert found[f"{file} [securitygroup] firewall_driver"] == "iptables_hybrid"
    assert not [name for name in found if name.startswith(("l3_agent", "dhcp_agent", "metadata_"))]


def test_a_network_host_in_userspace_uses_veth_pairs(tmp_path: Path) -> None:
    """Open vSwitch's own ports end with its process there, and with them every router."""
    c = three(tmp_path, "network", dns_servers=["192.0.2.53"])
    found = settings(c)
    assert found["l3_agent.ini [DEFAULT] ovs_use_veth"] is True
    assert found["dhcp_agent.ini [DEFAULT] ovs_use_veth"] is True
    assert found["dhcp_agent.ini [DEFAULT] enable_isolated_metadata"] is True
    assert found["dhcp_agent.ini [DEFAULT] dnsmasq_dns_servers"] == ("192.0.2.53",)
    assert found["metadata_agent.ini [DEFAULT] nova_metadata_host"] == "10.0.0.1"
    assert found["metadata_agent.ini [DEFAULT] nova_metadata_protocol"] == "https"
    kernel = dataclasses.replace(c, facts=dataclasses.replace(c.facts, ovs_kernel=True))
    found = settings(kernel)
    assert not [name for name in found if name.endswith("ovs_use_veth")]
    assert found["openvswitch_agent.ini [ovs] datapath_type"] == "system"


def test_the_l3_and_dhcp_agents_read_how_the_host_switches(tmp_path: Path) -> None:
    """They turn offloads of their veth pairs off where [ovs] datapath_type says netdev."""
    found = units(three(tmp_path, "network"))
    for name in ("neutron-l3-agent", "neutron-dhcp-agent"):
        assert "/etc/neutron/openvswitch_agent.ini" in found[name].command
        assert "/etc/neutron/openvswitch_agent.ini" in found[name].reads


def test_a_controller_plugs_ports_by_the_agents_and_hears_them(tmp_path: Path) -> None:
    found = settings(three(tmp_path, "controller"))
    assert found["neutron.conf [DEFAULT] service_plugins"] == ("router",)
    assert found["neutron.conf [DEFAULT] rpc_workers"] == 1
    assert found["ml2_conf.ini [ml2] mechanism_drivers"] == ("openvswitch", "l2population")
    assert found["ml2_conf.ini [ml2] project_network_types"] == ("vxlan",)
    assert found["ml2_conf.ini [ml2] type_drivers"] == ("flat", "vlan", "vxlan", "geneve")
    assert found["ml2_conf.ini [ml2_type_vxlan] vni_ranges"] == ("1:65536",)
    assert "ml2_conf.ini [ml2_type_geneve] max_header_size" not in found
    other = settings(three(tmp_path, "controller", project_network_type="geneve"))
    assert other["ml2_conf.ini [ml2] project_network_types"] == ("geneve",)


def test_several_network_hosts_stand_in_for_each_other(tmp_path: Path) -> None:
    c = three(tmp_path, "controller")
    second = {"network-2": Host(roles=(Role.NETWORK,))}
    cloud = c.cloud.model_copy(update={"hosts": {**c.cloud.hosts, **second}})
    addresses = {**ADDRESSES, "network-2": "10.0.0.4"}
    found = settings(dataclasses.replace(c, cloud=cloud, addresses=addresses))
    assert found["neutron.conf [DEFAULT] dhcp_agents_per_network"] == 2
    assert found["neutron.conf [DEFAULT] allow_automatic_l3agent_failover"] is True


def test_bridges_are_of_one_datapath_and_wait_for_flows(tmp_path: Path) -> None:
    assert bridges(three(tmp_path, "compute")) == {
        "br-int": ("netdev", "secure", ()),
        "br-provider": ("netdev", "secure", ("eth1",)),
        "br-tun": ("netdev", "secure", ()),
        "br-vtep": ("netdev", "standalone", ("eth2",)),
    }


def test_a_host_without_a_provider_nic_offers_no_provider_network(tmp_path: Path) -> None:
    """A port that could lead nowhere is better not bound there."""
    c = three(tmp_path, "compute")
    without = dataclasses.replace(c, facts=dataclasses.replace(c.facts, provider_nic=""))
    assert "br-provider" not in bridges(without)
    assert "openvswitch_agent.ini [ovs] bridge_mappings" not in settings(without)


def test_iptables_sees_bridged_packets_only_where_it_filters_them(tmp_path: Path) -> None:
    def bridged(c: Context) -> set[str]:
        steps = {step.id for step in build(c).steps}
        return {step for step in steps if "bridged" in step}

    assert "neutron.bridged" in bridged(three(tmp_path, "compute"))
    assert not bridged(three(tmp_path, "compute", firewall="openvswitch"))
    assert not bridged(three(tmp_path, "controller"))


def test_namespaces_that_agents_make_are_seen_by_their_host(tmp_path: Path) -> None:
    """A unit with mounts of its own keeps them to itself, and `ip netns exec` fails beside it."""
    for name, unit in units(three(tmp_path, "network")).items():
        if name in AGENTS - {"neutron-metadata-agent"}:
            text = unit_file(unit)
            assert text is not None
            for line in text.content.splitlines():
                assert not line.startswith(("Protect", "Private", "ReadWrite", "Inaccessible"))


def test_agents_come_after_those_they_talk_to(tmp_path: Path) -> None:
    """Before that neutron loses what they say, or binds no port of theirs."""
    steps = {s.key: s for host in ADDRESSES for s in build(three(tmp_path, host)).steps}
    for host in ("network", "compute"):
        switch = steps[f"{host}/neutron.unit.neutron-openvswitch-agent"]
        assert "controller/neutron.rpc_listens" in switch.needs
        assert f"{host}/openvswitch.unit.gureum-tunnel" in switch.needs
    for agent in ("neutron-l3-agent", "neutron-dhcp-agent"):
        assert "controller/neutron.switches_report" in steps[f"network/neutron.unit.{agent}"].needs
    first = steps["controller/neutron.switches_report"]
    assert first.state.expected() == {"Open vSwitch agent of network": True}
    last = steps["controller/neutron.agents_report"].state.expected()
    assert set(last) == {
        "L3 agent of network",
        "DHCP agent of network",
        "Metadata agent of network",
        "Open vSwitch agent of compute",
    }


def test_sudo_lets_the_agents_start_just_their_helpers(tmp_path: Path) -> None:
    """What sudo allows is what helper_command says, with each context that is configured."""
    c = three(tmp_path, "network")
    found = settings(c)
    helpers = {name: value for name, value in found.items() if name.endswith("helper_command")}
    declared = next(d for d in declarations(c) if d.service == "neutron")
    allowed = next(f.content for f in declared.files if f.path.endswith("gureum-neutron"))
    assert len(helpers) == 6
    for value in helpers.values():
        assert allowed.count(f"{value.removeprefix('sudo ')} --privsep_context") == len(helpers)


def test_the_firewall_lets_the_tunnels_of_the_driver_in(tmp_path: Path) -> None:
    """R-PREP-5: both kinds with ovs, for networks keep their kind; Geneve alone with ovn."""

    def opened(c: Context) -> list[tuple[int, str]]:
        switch = next(d for d in declarations(c) if d.service == "openvswitch")
        return [(o.first, o.protocol) for o in switch.openings]

    assert opened(three(tmp_path, "compute")) == [(6081, "udp"), (4789, "udp")]
    assert opened(three(tmp_path, "compute", driver="ovn")) == [(6081, "udp")]


def test_distributed_floating_ips_are_a_switch_of_ovn(context: Context) -> None:
    network = Network(distributed_floating_ips=True)
    other = dataclasses.replace(
        context, cloud=context.cloud.model_copy(update={"network": network})
    )
    name = "ml2_conf.ini [ovn] enable_distributed_floating_ip"
    assert (settings(context)[name], settings(other)[name]) == (False, True)
