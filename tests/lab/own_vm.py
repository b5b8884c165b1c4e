"""A VM of a test's own, beside those that `verify` makes and removes."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from gureum.checks.client import connect

NAME = "test-of-its-own"


@contextlib.contextmanager
def own_vm(cloud: Any) -> Iterator[tuple[Any, str]]:
    """Boot a VM with a floating IP, give the API and that address, and remove all of it."""
    api = connect(cloud.folder.clouds_yaml, cloud.name)
    made: list[Any] = []
    try:
        network = api.network.create_network(name=NAME)
        made.append(lambda: api.network.delete_network(network))
        subnet = api.network.create_subnet(
            name=NAME, network_id=network.id, ip_version=4, cidr="192.168.77.0/24"
        )
        provider = api.network.find_network("provider")
        router = api.network.create_router(
            name=NAME, external_gateway_info={"network_id": provider.id}
        )
        made.append(lambda: api.network.delete_router(router))
        api.network.add_interface_to_router(router, subnet_id=subnet.id)
        made.append(lambda: api.network.remove_interface_from_router(router, subnet_id=subnet.id))
        group = api.network.create_security_group(name=NAME)
        made.append(lambda: api.network.delete_security_group(group))
        api.network.create_security_group_rule(
            security_group_id=group.id, direction="ingress", protocol="icmp"
        )
        server = api.compute.create_server(
            name=NAME,
            image_id=api.image.find_image("gureum-guest").id,
            flavor_id=api.compute.find_flavor("gureum.tiny").id,
            networks=[{"uuid": network.id}],
            security_groups=[{"name": group.id}],
        )
        made.append(lambda: _delete(api, server))
        api.compute.wait_for_server(server, wait=180)
        port = next(api.network.ports(device_id=server.id))
        address = api.network.create_ip(floating_network_id=provider.id, port_id=port.id)
        made.append(lambda: api.network.delete_ip(address))
        yield api, address.floating_ip_address
    finally:
        for undo in reversed(made):
            undo()


def _delete(api: Any, server: Any) -> None:
    api.compute.delete_server(server)
    api.compute.wait_for_delete(server, wait=60)


def answers(address: str, within: float) -> bool:
    """Tell whether an address answers a ping within this many seconds."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        ping = ("ping", "-c1", "-W1", address)
        if subprocess.run(ping, capture_output=True, check=False).returncode == 0:
            return True
        time.sleep(0.5)
    return False
