"""What a value follows, found by trying: each fact and each key of cloud.yaml is changed in turn.

Declarations are pure functions of their context, so a value that changes with a fact follows it,
and one that does not does not. Nobody has to write it down, and it cannot grow wrong.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Literal, get_args, get_origin

from gureum.config.setting import Value
from gureum.model import shape
from gureum.model.cloud import Cloud, Host, Role
from gureum.model.load import LoadedCloud
from gureum.model.part import Part
from gureum.operate.explain.answer import Cause
from gureum.operate.known import Known
from gureum.services import CATALOGUE, Declare
from gureum.services.context import Context

Address = tuple[str, str, str]
_FACTS = {
    "cloud_init": "cloud-init on the host",
    "ssh_ports": "ports of the SSH server",
    "cpus": "processors of the host",
    "memory_mb": "memory of the host in MB",
    "kvm": "/dev/kvm works on the host",
    "ovs_kernel": "the host's kernel has the openvswitch module",
    "container": "the host is a container",
    "os": "distribution of the host",
    "os_version": "version of the host's distribution",
    "mtu": "MTU of the host's management NIC",
    "provider_nic": "NIC of the host on the provider network",
    "provider_mtu": "MTU of the host's provider NIC",
    "management_nic": "NIC of the host on the management network",
    "tunnel_nic": "NIC of the host on the tunnel network",
    "tunnel_address": "address of the host on the tunnel network",
    "tunnel_mtu": "MTU of the host's tunnel NIC",
}


Values = Mapping[Address, Value]
"""What a service sets on one host, by address."""


class Trials:
    """One service on one host, declared anew for each thing that it might follow.

    Every declaration sets all options of its service, so the trials of one option are those of all.
    """

    def __init__(self, known: Known, service: str, host: str) -> None:
        declare = CATALOGUE.get(service)
        context = known.blueprint.contexts[host]
        self._now: Values = {}
        self._tried: list[tuple[Cause, list[Values]]] = []
        if declare is not None:
            self._now = _values(declare, context)
            self._tried = [
                (
                    cause,
                    [found for other in others if (found := _tried(declare, other)) is not None],
                )
                for cause, others in _trials(known.deployment.loaded, context)
            ]

    def causes(self, address: Address) -> tuple[Cause, ...]:
        """Return what the option at `address` follows, facts of the host first."""
        now = self._now.get(address)
        return tuple(
            cause
            for cause, tried in self._tried
            if any(values.get(address) != now for values in tried)
        )


def _values(declare: Declare, c: Context) -> Values:
    declared = declare(c)
    found: dict[Address, Value] = {}
    for option in declared.options if declared else ():
        found.setdefault((option.file, option.section, option.name), option.setting.value)
    return found


def _tried(declare: Declare, c: Context) -> Values | None:
    try:
        return _values(declare, c)
    except Exception:
        # A trial may describe what cannot be, as a Ceph without hosts; then it tells nothing.
        return None


def _trials(loaded: LoadedCloud, c: Context) -> Iterator[tuple[Cause, list[Context]]]:
    """Yield each possible cause with contexts in which it alone is different."""
    for field in dataclasses.fields(c.facts):
        present = getattr(c.facts, field.name)
        others = [
            dataclasses.replace(c, facts=dataclasses.replace(c.facts, **{field.name: other}))
            for other in _other(present)
        ]
        said = ("yes" if present else "no") if isinstance(present, bool) else str(present)
        yield Cause(kind="host fact", name=_FACTS[field.name], value=said or "none"), others
    yield (
        Cause(kind="host fact", name="management addresses of the hosts", value=_addresses(c)),
        [dataclasses.replace(c, addresses=dict.fromkeys(c.addresses, "192.0.2.254"))],
    )
    yield Cause(kind="host fact", name="name of the host", value=c.host), [_renamed(c)]
    for role in (Role.CONTROLLER, Role.COMPUTE):
        names = ", ".join(name for name, _ in c.cloud.hosts_with(role))
        place = str(loaded.locate(("hosts",)))
        cause = Cause(
            kind="cloud.yaml", name=f"hosts with the role {role}", value=names, place=place
        )
        yield cause, [_joined(c, role)]
    yield from _keys(loaded, c, (), Cloud, c.cloud)


def _keys(
    loaded: LoadedCloud, c: Context, path: tuple[str, ...], part: type[Part], value: Any
) -> Iterator[tuple[Cause, list[Context]]]:
    for name in part.model_fields:
        below = (*path, name)
        present = getattr(value, name)
        annotation = shape.bare(shape.at(below))
        if name in ("hosts", "config", "policy", "name") and not path:
            continue
        if isinstance(present, Part):
            yield from _keys(loaded, c, below, type(present), present)
            continue
        others = [
            dataclasses.replace(c, cloud=_changed(c.cloud, below, other))
            for other in _other(present, annotation)
        ]
        place = str(loaded.locate(below))
        said = "" if present in (None, (), {}) else _said(present)
        cause = Cause(kind="cloud.yaml", name=".".join(below), value=said, place=place)
        yield cause, others


def _changed(part: Any, path: tuple[str, ...], value: Any) -> Any:
    head, *rest = path
    inner = _changed(getattr(part, head), tuple(rest), value) if rest else value
    return part.model_copy(update={head: inner})


def _other(present: Any, annotation: Any = None) -> list[Any]:
    """Return values that differ from the present one as much as values of its kind can."""
    others: list[Any] = ["another"]
    below = get_args(annotation)[1] if get_origin(annotation) is dict else annotation
    if isinstance(below, type) and issubclass(below, Part):
        # A part that is not there, or several by name.
        others = [{}] if get_origin(annotation) is dict else _made(below)
    elif isinstance(present, bool):
        others = [not present]
    elif get_origin(annotation) is Literal:
        others = [one for one in get_args(annotation) if one != present]
    elif isinstance(present, enum.Enum):
        others = [one for one in type(present) if one is not present]
    elif isinstance(present, int):
        others = [present * 16 + 64, max(1, present // 16)]
    elif isinstance(present, dict):
        others = [dict.fromkeys(CATALOGUE, level) for level in ("debug", "info")]
    elif isinstance(present, tuple) or get_origin(annotation) is tuple:
        others = [(IPv4Address("192.0.2.254"),) * 2]
    elif annotation is IPv4Network:
        others = [IPv4Network("192.0.2.0/24")]
    return others


def _made(part: type[Part]) -> list[Any]:
    """Return the part as it is without a word, where that is enough to make one."""
    required = any(info.is_required() for info in part.model_fields.values())
    return [] if required else [part()]


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(map(str, value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.value if isinstance(value, enum.Enum) else value)


def _addresses(c: Context) -> str:
    return ", ".join(f"{name} {address}" for name, address in c.addresses.items())


def _renamed(c: Context) -> Context:
    hosts = {("another" if n == c.host else n): host for n, host in c.cloud.hosts.items()}
    addresses = {("another" if n == c.host else n): a for n, a in c.addresses.items()}
    cloud = c.cloud.model_copy(update={"hosts": hosts})
    return dataclasses.replace(c, cloud=cloud, host="another", addresses=addresses)


def _joined(c: Context, role: Role) -> Context:
    hosts = {**c.cloud.hosts, "another": Host(roles=(role,))}
    cloud = c.cloud.model_copy(update={"hosts": hosts})
    return dataclasses.replace(c, cloud=cloud, addresses={**c.addresses, "another": "192.0.2.253"})
