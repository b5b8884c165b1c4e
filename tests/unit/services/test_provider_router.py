"""R-PREP-3: a network host with one NIC routes the provider network, in both drivers."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from gureum.model.cloud import Cloud, Driver, Host, Network, Networks, ProviderNetwork, Role
from gureum.services import openvswitch, provider_router
from gureum.services.context import Context
from gureum.services.declaration import Declaration, TextFile
from gureum.steps.network import OvsConfigured


def routing(context: Context, driver: Driver = Driver.OVN, **facts: object) -> Context:
    roles = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)
    cloud = Cloud(
        hosts={context.host: Host(roles=roles, nics={"provider": "none"})},
        networks=Networks(provider=ProviderNetwork(cidr=IPv4Network("172.24.4.0/24"))),
        network=Network(driver=driver),
    )
    known = dataclasses.replace(context.facts, provider_nic="", **facts)  # type: ignore[arg-type]
    return dataclasses.replace(context, cloud=cloud, facts=known)


def declared(c: Context) -> Declaration:
    found = openvswitch.declare(c)
    assert found is not None
    return found


@pytest.mark.parametrize("driver", Driver)
def test_the_bridge_has_no_nic_and_the_host_its_gateway(context: Context, driver: Driver) -> None:
    d = declared(routing(context, driver))
    [switch] = [task.state for task in d.tasks if task.id == openvswitch.SWITCH]
    assert isinstance(switch, OvsConfigured)
    assert switch.bridges["br-provider"][2] == ()
    [unit] = [unit for unit in d.units if unit.name == provider_router.UNIT]
    assert unit.command == (
        "/usr/sbin/ip",
        "address",
        "replace",
        "172.24.4.1/24",
        "dev",
        "br-provider",
    )


def test_checksums_are_made_where_flows_run_in_userspace(context: Context) -> None:
    def lines(*, kernel: bool) -> str:
        [unit] = provider_router.units(routing(context, ovs_kernel=kernel))
        return "\n".join(unit.service_lines)

    assert "ethtool -K br-provider tx off" in lines(kernel=False)
    assert "ethtool" not in lines(kernel=True)


def test_a_host_with_a_provider_nic_routes_nothing(context: Context) -> None:
    assert provider_router.files(context) == ()
    assert provider_router.units(context) == ()


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("nft"), reason="needs root and nft")
def test_the_real_nft_takes_the_rules_twice(context: Context, tmp_path: Path) -> None:
    [rules] = [
        f for f in provider_router.files(routing(context)) if f.path == provider_router.RULES
    ]
    assert isinstance(rules, TextFile)
    script = f"nft -f $0 && nft -f $0 && nft list table ip {provider_router.TABLE}"
    path = tmp_path / "rules.nft"
    path.write_text(rules.content)
    listed = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, path], capture_output=True, text=True, check=True
    ).stdout
    assert listed.count("masquerade") == 1
    assert "ip saddr 172.24.4.0/24 ip daddr != 172.24.4.0/24" in listed
