"""Makes the throwaway project and its network, as much as possible at the same time.

All of it can be done before nova answers, so none of it stands between a request and a VM.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from gureum.checks.vm.furnishing import ensure_provider_network
from gureum.checks.vm.labels import Label
from gureum.checks.vm.settings import VmSettings

OPEN_AT_FIRST = (("icmp", None), ("tcp", 22))
"""What the security group lets in when the VM boots; port 80 stays shut."""


@dataclass(frozen=True)
class Prepared:
    """What a VM is booted into: the project's own connection, its port and floating IP."""

    api: Any
    project: Any
    network: Any
    subnet: Any
    router: Any
    security_group: Any
    port: Any
    floating_ip: str
    fixed_ip: str


def prepare(admin: Any, settings: VmSettings, label: Label) -> Prepared:
    """Make project, network, router, security group, port and floating IP, and return them.

    The floating IP belongs to the port before the VM exists. Whatever fails leaves its parts to
    `clean_project`, which finds them by the project.
    """
    with ThreadPoolExecutor(4, thread_name_prefix="prepare") as pool:
        provider = pool.submit(ensure_provider_network, admin, settings)
        project = make_project(admin, label, chooses_host=bool(settings.host))
        api = admin.connect_as_project(project)
        group = pool.submit(_security_group, api, label)
        both = pool.submit(_network, api, settings, label)
        router = pool.submit(_router, api, provider, label)
        network, subnet = both.result()
        plugged = pool.submit(
            lambda: api.network.add_interface_to_router(router.result(), subnet=subnet.id)
        )
        port = api.network.create_port(
            name=label.name,
            description=label.description,
            network_id=network.id,
            security_group_ids=[group.result().id],
        )
        plugged.result()
        floating = api.network.create_ip(
            floating_network_id=provider.result().id, port_id=port.id, description=label.description
        )
        return Prepared(
            api=api,
            project=project,
            network=network,
            subnet=subnet,
            router=router.result(),
            security_group=group.result(),
            port=port,
            floating_ip=floating.floating_ip_address,
            fixed_ip=port.fixed_ips[0]["ip_address"],
        )


def make_project(admin: Any, label: Label, *, chooses_host: bool = False) -> Any:
    """Return a new project in which the administrator's user is an ordinary member.

    What the scenario does, any user of the cloud must be able to do; administrator's rights would
    hide a policy that is too narrow. Only who chooses a VM's host needs them.
    """
    project = admin.identity.create_project(
        name=label.name, domain_id="default", description=label.description
    )
    role = admin.identity.find_role("member", ignore_missing=False)
    admin.identity.assign_project_role_to_user(project, admin.current_user_id, role)
    if chooses_host:
        role = admin.identity.find_role("admin", ignore_missing=False)
        admin.identity.assign_project_role_to_user(project, admin.current_user_id, role)
    return project


def open_for(api: Any, group: Any, protocol: str, port: int | None) -> Any:
    """Let one protocol (and TCP port) in, and return the rule."""
    return api.network.create_security_group_rule(
        security_group_id=group.id,
        direction="ingress",
        ether_type="IPv4",
        protocol=protocol,
        port_range_min=port,
        port_range_max=port,
    )


def _security_group(api: Any, label: Label) -> Any:
    group = api.network.create_security_group(name=label.name, description=label.description)
    for protocol, port in OPEN_AT_FIRST:
        open_for(api, group, protocol, port)
    return group


def _network(api: Any, settings: VmSettings, label: Label) -> tuple[Any, Any]:
    network = api.network.create_network(name=label.name, description=label.description)
    subnet = api.network.create_subnet(
        name=label.name,
        description=label.description,
        network_id=network.id,
        ip_version=4,
        cidr=settings.project_cidr,
        is_dhcp_enabled=True,
    )
    return network, subnet


def _router(api: Any, provider: Future[Any], label: Label) -> Any:
    return api.network.create_router(
        name=label.name,
        description=label.description,
        external_gateway_info={"network_id": provider.result().id},
    )
