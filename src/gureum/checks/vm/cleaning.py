"""Deletes everything of a throwaway project, and proves that nothing of it is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from gureum.checks.client import client
from gureum.checks.vm.labels import is_stale
from gureum.checks.vm.waiting import until

GONE_WITHIN = 90.0


def clean_project(admin: Any, project: Any, gone_within: float = GONE_WITHIN) -> list[str]:
    """Delete a project with all that is in it; return the ids of the servers that it had.

    Goes by what the project has and not by what a run remembers, so it serves for a run that was
    killed just as well. Deleting what is gone already is no error.
    """
    servers = _servers(admin, project.id)
    for server in servers:
        admin.compute.delete_server(server)
    network = admin.network
    _each(network.delete_ip, network.ips(project_id=project.id))
    for server in servers:
        until(partial(_gone, admin, server.id), within=gone_within, pause=0.3)
    if "block-storage" in service_types(admin):
        _delete_volumes(admin.block_storage, project.id, gone_within)
    for router in network.routers(project_id=project.id):
        for port in network.ports(device_id=router.id, device_owner="network:router_interface"):
            network.remove_interface_from_router(router, port=port.id)
        network.delete_router(router)
    _each(network.delete_port, _own_ports(admin, project.id))
    _each(network.delete_network, network.networks(project_id=project.id))
    # An administrator may delete a project's default group too; neutron makes a new one while the
    # project is still asked about, so the project goes first.
    groups = list(network.security_groups(project_id=project.id))
    admin.identity.delete_project(project)
    _each(network.delete_security_group, groups)
    return [server.id for server in servers]


def leftovers(
    admin: Any, project_id: str, servers: Iterable[str], names: Iterable[str] = ()
) -> list[str]:
    """Return what is left of a project: `kind id`, empty where nothing is.

    Reads ports, floating IPs, routers, networks, subnets, security groups, servers, volumes, key
    pairs of these `names`, and placement's allocations of these `servers`.
    """
    network = admin.network
    looks: dict[str, Callable[[], Iterable[Any]]] = {
        "port": lambda: network.ports(project_id=project_id),
        "floating IP": lambda: network.ips(project_id=project_id),
        "router": lambda: network.routers(project_id=project_id),
        "network": lambda: network.networks(project_id=project_id),
        "subnet": lambda: network.subnets(project_id=project_id),
        "security group": lambda: _groups_left(admin, project_id),
        "server": lambda: _servers(admin, project_id),
        "project": lambda: [p for p in admin.identity.projects() if p.id == project_id],
        "key pair": lambda: [k for k in admin.compute.keypairs() if k.name in set(names)],
    }
    if "block-storage" in service_types(admin):
        mine = {"all_projects": True, "project_id": project_id}
        looks["volume"] = lambda: admin.block_storage.volumes(**mine)
        looks["snapshot"] = lambda: admin.block_storage.snapshots(**mine)
        looks["backup"] = lambda: admin.block_storage.backups(**mine)
    with ThreadPoolExecutor(4, thread_name_prefix="leftovers") as pool:
        answers = {kind: pool.submit(_listed, look) for kind, look in looks.items()}
        claims = {server: pool.submit(_allocations, admin, server) for server in servers}
        found = [f"{kind} {item.id}" for kind, job in answers.items() for item in job.result()]
        return found + [
            f"allocation of server {server} at {provider}"
            for server, job in claims.items()
            for provider in job.result()
        ]


def sweep(admin: Any, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Remove what killed runs left behind; return the names of their projects.

    A run that is still alive, on this machine or another, keeps what it has.
    """
    swept = []
    for project in admin.identity.projects():
        if is_stale(project.name, project.description or ""):
            say(f"removing what a verify that was cut off left: project {project.name}")
            clean_project(admin, project)
            admin.compute.delete_keypair(project.name, ignore_missing=True)
            swept.append(project.name)
    return swept


def wait_for_allocations(admin: Any, servers: Iterable[str], within: float = 15.0) -> None:
    """Wait until placement has let go of servers: nova does that just after it forgot them."""
    for server in servers:
        until(partial(_let_go, admin, server), within=within, pause=0.3)


def _delete_volumes(storage: Any, project_id: str, within: float) -> None:
    """Delete backups, snapshots and volumes, in this order: a volume is kept by what is made of it."""
    mine = {"all_projects": True, "project_id": project_id}
    looks: tuple[tuple[Callable[[], Iterable[Any]], Callable[[Any], Any]], ...] = (
        (lambda: storage.backups(details=True, **mine), storage.delete_backup),
        (
            # One that came of a snapshot keeps it on some backends, so it goes first.
            lambda: [v for v in storage.volumes(**mine) if v.snapshot_id],
            lambda volume: storage.delete_volume(volume, force=True),
        ),
        (lambda: storage.snapshots(**mine), storage.delete_snapshot),
        (lambda: storage.volumes(**mine), lambda volume: storage.delete_volume(volume, force=True)),
    )
    for look, delete in looks:
        _each(delete, _listed(look))
        until(lambda look=look: not _listed(look), within=within, pause=0.3)  # type: ignore[misc]


def _own_ports(admin: Any, project_id: str) -> list[Any]:
    """Return a project's ports that a user made; neutron deletes its own along with the network."""
    ports = admin.network.ports(project_id=project_id)
    return [port for port in ports if not str(port.device_owner or "").startswith("network:")]


def _groups_left(admin: Any, project_id: str) -> list[Any]:
    # A list by project makes neutron create that project's default group anew: list all and choose.
    return [g for g in admin.network.security_groups() if g.project_id == project_id]


def _servers(admin: Any, project_id: str) -> list[Any]:
    return list(admin.compute.servers(details=False, all_projects=True, project_id=project_id))


def _allocations(admin: Any, server_id: str) -> list[str]:
    try:
        return list(admin.placement.get_allocation(server_id).allocations or {})
    except client().exceptions.NotFoundException:
        return []


def _let_go(admin: Any, server_id: str) -> bool:
    return not _allocations(admin, server_id)


def _listed(look: Callable[[], Iterable[Any]]) -> list[Any]:
    return list(look())


def _gone(admin: Any, server_id: str) -> bool:
    try:
        return str(admin.compute.get_server(server_id).status) == "DELETED"
    except client().exceptions.NotFoundException:
        return True


def _each(act: Callable[[Any], Any], items: Iterable[Any]) -> None:
    for item in items:
        act(item)


def service_types(admin: Any) -> set[str]:
    """Return the types of services in the catalogue; volumes are found under any of their names."""
    access = admin.session.auth.get_access(admin.session)
    known = {entry["type"] for entry in access.service_catalog.catalog}
    return known | ({"block-storage"} if known & {"volumev3", "volume"} else set())
