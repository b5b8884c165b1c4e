"""The release before the newest, known by name, on one NIC: a cloud of its own, built and proven.

Three things that have nothing to do with each other share it, for each needs a cloud from the start.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gureum.releases import known_releases

PREVIOUS = known_releases()[-2]
API = "api.cloud.example"


@pytest.fixture(scope="module")
def older(built_cloud: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    file = tmp_path_factory.mktemp("older") / "cloud.yaml"
    file.write_text(
        f'name: older\nrelease: "{PREVIOUS}"\nendpoints: {{by: name, name: {API}}}\n'
        "networks: {provider: {cidr: 172.24.4.0/24}}\n"
        "hosts:\n  one:\n    roles: [controller, network, compute]\n    nics: {provider: none}\n"
    )
    with built_cloud("older", "-f", str(file)) as cloud:
        yield cloud


def test_the_release_before_the_newest_is_built_and_proven(older: Any) -> None:
    """D1: two releases are kept; a VM proves the older one as it does the newest."""
    assert "a VM proved it" in older.up_output
    versions = older.ssh("one", f"ls -d /opt/gureum/{PREVIOUS}/lib/python3*/site-packages/nova-*")
    assert "nova-33." in versions


def test_everything_goes_by_name_where_the_input_says_so(older: Any) -> None:
    """R-CONF-4: endpoints and configuration by name, of which this machine need know nothing."""
    said = older.gureum("openstack", "endpoint", "list", "-f", "value", "-c", "URL").stdout
    assert said.splitlines()
    assert all(line.startswith(f"https://{API}:") for line in said.splitlines())
    config = older.ssh("one", "cat /etc/nova/nova.conf /etc/neutron/neutron.conf")
    assert "@one:5672/" in config
    assert f"auth_url = https://{API}:5000" in config
    assert f"{older.ssh('one', 'hostname -I').split()[0]} {API}" in older.up_output
    assert API not in Path("/etc/hosts").read_text()


def test_one_nic_is_enough(older: Any) -> None:
    """R-PREP-3: the host routes the provider network, and the VM gets out under its address."""
    checks = {check["id"]: check for check in older.verification()["checks"]}
    for proof in ("vm.floating_ip_answers", "vm.ssh_by_key", "vm.reaches_outside", "vm.bulk_tcp"):
        assert checks[proof]["status"] == "pass", checks[proof]
    assert "from one" in json.dumps(checks["vm.floating_ip_answers"]["evidence"])
    assert older.ssh("one", "ovs-vsctl list-ports br-provider | grep -v ^patch-; true") == ""
    assert "172.24.4.1/24" in older.ssh("one", "ip -4 address show dev br-provider")
    assert "masquerade" in older.ssh("one", "nft list table ip gureum_provider")
    warned = older.gureum("host", "check").stdout
    assert "floating IPs are reached through this host alone" in warned
    assert "nothing to change" in older.gureum("apply").stderr
