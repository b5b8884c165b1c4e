"""Hosts that lost the controllers: which, what they lost, since when, and what their VMs do (R-OPS-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gureum.diagnostics import Diagnostic, Severity
from gureum.model.cloud import Role
from gureum.moment import local, stamp
from gureum.operate.health import HostContact, HostHealth, UnitHealth
from gureum.operate.typed import typed

if TYPE_CHECKING:
    from gureum.model.load import LoadedCloud
    from gureum.services.declaration import Declaration

COMPUTE = "nova-compute"
DOORS = {"rabbitmq": (5672, "the message queue"), "ovn": (6642, "OVN's database")}
"""What a compute or network host stands on, by service: the port on a controller, and its name."""
API = (5000, "the API")


def doors(
    declared: Mapping[str, Sequence[Declaration]],
    controllers: Sequence[str],
    addresses: Mapping[str, str],
) -> dict[tuple[str, int], str]:
    """Return what other hosts have to reach, (address, port) -> what a person calls it."""
    found = {}
    for name in controllers:
        for d in declared.get(name, ()):
            if d.service in DOORS:
                port, what = DOORS[d.service]
                found[addresses[name], port] = f"{what} on {name}"
        found[addresses[name], API[0]] = f"{API[1]} on {name}"
    return found


def lost_hosts(
    loaded: LoadedCloud,
    contacts: Sequence[HostContact],
    hosts: Sequence[HostHealth],
    units: Sequence[UnitHealth],
    now: float,
) -> Iterator[Diagnostic]:
    """Yield an error for each host that lost the controllers, a warning for one that takes no VMs."""
    known = set(loaded.cloud.hosts)
    away = {host.name for host in hosts if host.error}
    dead = {unit.host for unit in units if unit.name == COMPUTE and not unit.good}
    for one in contacts:
        if one.host not in known:
            yield _stranger(loaded, one)
            continue
        if one.silent:
            yield _cut_off(loaded, one, now)
        elif one.host in away:
            yield from _out_of_sight(loaded, one, now)
        elif not one.up and one.host not in dead:
            yield Diagnostic(
                f"{COMPUTE} of {one.host} runs, reaches the controllers, and {_heard(one, now)}",
                hint=typed(loaded, "service", "restart", "--host", one.host, COMPUTE),
            )
        if one.closed and not one.silent:
            yield Diagnostic(
                f"{one.host} takes no new VMs: {one.closed}",
                severity=Severity.WARNING,
                hint=typed(loaded, "host undrain", one.host),
            )
        if one.dead and not one.silent and one.host not in away:
            agent, since = one.dead[0]
            when = f" since {stamp(since)}" if since else ""
            yield Diagnostic(
                f"neutron has not heard of {agent} of {one.host}{when}",
                hint=typed(loaded, "service status", "--host", one.host),
            )


def _cut_off(loaded: LoadedCloud, one: HostContact, now: float) -> Diagnostic:
    silent = ", ".join(dict.fromkeys(what for _, what in one.silent))
    address = one.silent[0][0]
    return Diagnostic(
        f"{one.host} has lost the controllers: it does not reach {silent}; "
        f"{_heard(one, now)}; {_run_on(one)}",
        hint=typed(loaded, "ssh", one.host, "ping", "-c", "3", address),
    )


def _out_of_sight(loaded: LoadedCloud, one: HostContact, now: float) -> Iterator[Diagnostic]:
    """Yield what the cloud knows of a host that gureum cannot ask."""
    if not one.compute:
        return
    vms = f"its {_many(one.vms)} may run on: nobody sees" if one.vms else "it had no VM"
    if one.up and one.vms:
        vms = "its VMs are well, as far as the cloud knows"
    yield Diagnostic(
        f"of {one.host}, which gureum cannot ask, {_heard(one, now)}; {vms}",
        severity=Severity.WARNING if one.up else Severity.ERROR,
        hint=typed(loaded, "openstack", "compute", "service", "list", "--host", one.host),
    )


def _stranger(loaded: LoadedCloud, one: HostContact) -> Diagnostic:
    return Diagnostic(
        f"{one.host} is no host of the input, and the cloud still counts on it",
        severity=Severity.WARNING,
        hint=typed(loaded, "host remove", one.host),
    )


def _heard(one: HostContact, now: float) -> str:
    if not one.compute:
        return "neutron heard of it of late" if not one.dead else "neutron hears nothing of it"
    if one.reported is None:
        return "nova has never heard of it"
    if one.up:
        return f"nova heard of it {_ago(now - one.reported)} ago"
    return (
        f"nova has heard nothing of it for {_ago(now - one.reported)} "
        f"(since {local(one.reported):%H:%M:%S})"
    )


def _run_on(one: HostContact) -> str:
    if one.running is None or not one.compute:
        return "VMs elsewhere are not touched by that"
    if not one.running:
        return "no VM runs there"
    them = "it" if one.running == 1 else "them"
    verb = "runs" if one.running == 1 else "run"
    return (
        f"its {_many(one.running)} {verb} on, and nothing can be done with {them} until it is back"
    )


def _many(count: int) -> str:
    return f"{count} VM{'' if count == 1 else 's'}"


def _ago(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02d} s"


def asked(roles: Sequence[Role]) -> bool:
    """Tell whether a host with these roles stands on controllers elsewhere."""
    return Role.CONTROLLER not in roles and bool({Role.COMPUTE, Role.NETWORK} & set(roles))
