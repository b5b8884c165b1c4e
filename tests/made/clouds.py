"""Made-up clouds of any number of hosts, as the facts of real ones would shape them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gureum.model.cloud import Cloud, Connection, Host, Role
from gureum.model.load import LoadedCloud
from gureum.operate.deployment import Deployment
from gureum.operate.known import Known, keep_facts, known
from gureum.state.folder import CloudFolder


def facts(number: int) -> dict[str, Any]:
    """Return what a host with two NICs says of itself."""
    nics = [
        {"name": "eno1", "ipv4": [f"192.0.2.{10 + number}/24"], "mac": f"a{number}"},
        {"name": "enp129s0f1np1", "ipv4": [], "mac": f"b{number}"},
    ]
    return {
        "nics": [{**nic, "mtu": 1500, "kind": "", "up": True} for nic in nics],
        "default_route": {"device": "eno1"},
        "cpus": 16,
        "memory_mb": 65536,
        "kvm": {"works": True},
        "openvswitch": "loaded",
        "os": {"id": "debian", "version": "13", "name": "Debian GNU/Linux 13 (trixie)"},
    }


def roles_of(count: int) -> dict[str, tuple[Role, ...]]:
    """Return hosts by name with the roles that a cloud of this size gives them."""
    every = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)
    if count == 1:
        return {"one": every}
    controllers = 3 if count > 3 else 1
    found = {f"controller-{i + 1}": (Role.CONTROLLER, Role.NETWORK) for i in range(controllers)}
    rest = count - controllers
    return {**found, **{f"compute-rack4-{i + 1:02}": (Role.COMPUTE,) for i in range(rest)}}


def deployment_of(count: int, root: Path, name: str = "cloud", **parts: Any) -> Deployment:
    """Return a cloud of `count` hosts whose facts were kept, as after its first apply.

    `parts` are further keys of its input, e.g. `network`.
    """
    hosts = {
        name: Host.model_validate(
            {"roles": roles, "connection": Connection.SSH, "address": f"192.0.2.{10 + i}"}
        )
        for i, (name, roles) in enumerate(roles_of(count).items())
    }
    provider = {"cidr": "203.0.113.0/24"}
    cloud = Cloud.model_validate(
        {"name": name, "hosts": hosts, "networks": {"provider": provider}, **parts}
    )
    loaded = LoadedCloud(cloud, "cloud.yaml")
    deployment = Deployment(loaded, CloudFolder(name, root))
    addresses = {name: f"192.0.2.{10 + i}" for i, name in enumerate(hosts)}
    deployment.folder.make()
    said = {name: facts(i) for i, name in enumerate(hosts)}
    keep_facts(deployment.folder, addresses, said)
    return deployment


def known_of(count: int, root: Path, **parts: Any) -> Known:
    """Return what is known of such a cloud."""
    return known(deployment_of(count, root, **parts))
