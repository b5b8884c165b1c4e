"""What compute hosts prove themselves with to each other while VMs move: issued by the cloud itself."""

from __future__ import annotations

from collections.abc import Mapping

from gureum.model.cloud import Cloud, Role
from gureum.services.context import Moving, SshKey
from gureum.services.libvirt_tls import UNIT
from gureum.state.authority import Authority
from gureum.state.secrets import Secret, Secrets
from gureum.state.ssh_keys import ssh_key


def moving_between(
    cloud: Cloud, authority: Authority, secrets: Secrets, addresses: Mapping[str, str]
) -> dict[str, Moving]:
    """Return certificate and keys of every compute host, by name; nothing for a lone host.

    Certificates and keys are made on first use and kept: the same ones come back every time.
    """
    if len(cloud.hosts) == 1:
        return {}
    keys = {name: SshKey(*ssh_key(secrets, f"nova.moving_{name}")) for name in ("user", "server")}
    found = {}
    for name, _ in cloud.hosts_with(Role.COMPUTE):
        issued = authority.certificate(f"compute-host-{name}", {name, addresses[name]}, UNIT)
        found[name] = Moving(certificate=issued.chain, key=Secret(issued.key), **keys)
    return found
