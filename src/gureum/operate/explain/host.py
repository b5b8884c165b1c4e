"""Hosts and roles: what a host is for, what gureum found on it, and what it decided from that."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from gureum.model.cloud import Role
from gureum.operate.explain.answer import Answer, Fact, Thing
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene
from gureum.services import openvswitch

_ROLES = {
    Role.CONTROLLER: "runs the APIs, the database and the message queue",
    Role.NETWORK: "joins project networks with the provider network: routers and floating IPs",
    Role.COMPUTE: "runs VMs",
    Role.STORAGE: "keeps volumes",
}


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the host of that name or address."""
    for name, context in scene.contexts.items():
        addresses = (context.address,) if scene.known.seen is not None else ()
        if asked.word in (name, *addresses):
            yield _host(scene, name)


def find_role(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the role of that name with the hosts that have it."""
    for role, purpose in _ROLES.items():
        if asked.word == role:
            hosts = tuple(name for name, _ in scene.cloud.hosts_with(role))
            source = scene.known.deployment.loaded.locate(("hosts",))
            facts: dict[str, Fact] = {"hosts": hosts or "none", "said_in": f"hosts, {source}"}
            yield Thing(kind="role", name=role, summary=f"a host with it {purpose}", facts=facts)


def _host(scene: Scene, name: str) -> Thing:
    context = scene.contexts[name]
    host = scene.cloud.hosts[name]
    raw = scene.known.facts.get(name, {})
    source = scene.known.deployment.loaded.locate(("hosts", name))
    units = [unit for on, _, unit in scene.units() if on == name]
    found = dataclasses.asdict(context.facts) if raw else {}
    facts: dict[str, Fact] = {
        "said_in": str(source),
        "roles": tuple({"role": str(r), "for": _ROLES[r]} for r in host.roles),
        "reached_by": str(host.connection),
        "address": context.address if raw else "not known before its first look",
        "system": str(raw.get("os", {}).get("name", "")),
        "found_there": tuple(
            {"fact": key, "value": _said(value)} for key, value in found.items() if key in _TOLD
        ),
        "decided_from_it": tuple(_decided(scene, name)) if raw else (),
        "own_options": tuple(host.config),
        "services": tuple(dict.fromkeys(s for on, s, _ in scene.units() if on == name)),
        "units": f"{len(units)}",
        "shell": scene.typed("ssh", name),
    }
    return Thing(
        kind="host",
        name=name,
        summary=", ".join(host.roles),
        facts={key: fact for key, fact in facts.items() if fact},
    )


_TOLD = (
    "cpus",
    "memory_mb",
    "kvm",
    "ovs_kernel",
    "container",
    "mtu",
    "management_nic",
    "provider_nic",
    "tunnel_nic",
    "tunnel_address",
)


def _said(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _decided(scene: Scene, name: str) -> Iterator[dict[str, str]]:
    """Yield what was chosen for this host by what it is, with the reason that the choice carries."""
    telling = {
        ("nova.conf", "libvirt", "virt_type"),
        ("nova.conf", "conductor", "workers"),
        ("mariadb.cnf", "mariadbd", "innodb_buffer_pool_size"),
        ("neutron.conf", "DEFAULT", "global_physnet_mtu"),
    }
    for host, file, section, option, setting in scene.all_settings():
        if host == name and (file, section, option) in telling:
            yield {"option": f"{file} [{section}] {option} = {setting.value}", "why": setting.why}
    for host, d in scene.declared("openvswitch"):
        for task in d.tasks:
            if host == name and task.id == openvswitch.SWITCH:
                yield {"option": "Open vSwitch's datapath", "why": task.why}
