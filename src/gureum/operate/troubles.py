"""What is wrong with a cloud by one look at it, each with its way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gureum.checks.clocks import judge_apart
from gureum.checks.endpoints import EXPIRY_WARNING_DAYS
from gureum.diagnostics import Diagnostic, Severity
from gureum.model.load import LoadedCloud
from gureum.operate.health import (
    ApiHealth,
    CephHealth,
    HostContact,
    HostHealth,
    LastRun,
    UnitHealth,
)
from gureum.operate.lost import lost_hosts
from gureum.operate.typed import typed

LITTLE_DISK = 0.05
LITTLE_MEMORY = 0.05
"""Shares that must be free; below, services begin to fail one after another."""


def troubles(
    cloud: LoadedCloud,
    *,
    hosts: Sequence[HostHealth],
    units: Sequence[UnitHealth],
    api: Sequence[ApiHealth],
    vms: Mapping[str, int] | str,
    runs: Sequence[LastRun],
    ca_days: int | None,
    contacts: Sequence[HostContact] = (),
    ceph: CephHealth | None = None,
    now: float = 0.0,
) -> tuple[Diagnostic, ...]:
    """Return what is down (errors), then what is worth a look (warnings)."""
    found = [
        *_hosts(cloud, hosts),
        *_clocks(cloud, hosts),
        *lost_hosts(cloud, contacts, hosts, units, now),
        *_units(cloud, units),
        *_ceph(cloud, ceph, hosts, units),
        *_api(cloud, api, ca_days),
        *_vms(cloud, vms, api),
        *_runs(cloud, runs),
    ]
    return tuple(sorted(found, key=lambda one: one.severity is Severity.WARNING))


def _warning(summary: str, hint: str) -> Diagnostic:
    return Diagnostic(summary, severity=Severity.WARNING, hint=hint)


def _hosts(cloud: LoadedCloud, hosts: Sequence[HostHealth]) -> Iterator[Diagnostic]:
    for host in hosts:
        if host.error:
            said = host.error.removeprefix(f"{host.name} ")
            yield Diagnostic(f"{host.name} {said}", hint=typed(cloud, "up"))
            continue
        for path in host.unmounted:
            yield _warning(
                f"{path} of {host.name}, a disk of Swift, is not mounted: copies on other disks are read, "
                "and a new one is made once it is back",
                typed(cloud, "apply"),
            )
        for disk in host.disks:
            if disk["free_mb"] < disk["total_mb"] * LITTLE_DISK or not disk["free_inodes"]:
                yield _warning(
                    f"{host.name} has {disk['free_mb']} MB free on {disk['path']}",
                    typed(cloud, "ssh", host.name, "du", "-xh", "--max-depth=3", disk["path"]),
                )
        free = host.memory_mb - host.memory_used_mb
        if free < host.memory_mb * LITTLE_MEMORY:
            yield _warning(
                f"{host.name} has {free} MB of memory left",
                typed(cloud, "ssh", host.name, "ps", "-eo", "rss,pid,args", "--sort=-rss"),
            )


def _clocks(cloud: LoadedCloud, hosts: Sequence[HostHealth]) -> Iterator[Diagnostic]:
    ahead = {host.name: host.ahead for host in hosts if host.ahead is not None}
    for line in judge_apart(ahead):
        # Tokens of one host are not valid yet on another, and reports look as if they never came.
        yield Diagnostic(line, hint=typed(cloud, "verify"))
    for host in hosts:
        for line in host.clock:
            yield _warning(line, typed(cloud, "ssh", host.name, "chronyc", "-n", "sources"))


def _units(cloud: LoadedCloud, units: Sequence[UnitHealth]) -> Iterator[Diagnostic]:
    for unit in units:
        log = typed(cloud, "logs", "--host", unit.host, unit.name)
        if not unit.good:
            yield Diagnostic(f"{unit.name} of {unit.host} is {unit.state}", hint=log)
        elif unit.restarts:
            times = "once" if unit.restarts == 1 else f"{unit.restarts} times"
            yield _warning(f"{unit.name} of {unit.host} was restarted {times}", log)


def _ceph(
    cloud: LoadedCloud,
    ceph: CephHealth | None,
    hosts: Sequence[HostHealth],
    units: Sequence[UnitHealth],
) -> Iterator[Diagnostic]:
    told = {(unit.host, unit.name) for unit in units if not unit.good}
    lost = {host.name for host in hosts if host.error}
    for one in ceph.complaints if ceph else ():
        if one.unit and not one.broken and (one.host in lost or (one.host, one.unit) in told):
            # The host or the unit is the cause, and is told already.
            continue
        hint = (
            typed(cloud, "logs", "--host", one.host, one.unit)
            if one.unit
            else typed(cloud, "ssh", one.host, *one.line)
        )
        if one.broken:
            yield Diagnostic(one.says, detail="\n".join(one.evidence), hint=hint)
        else:
            yield replace(_warning(one.says, hint), detail="\n".join(one.evidence))


def _api(cloud: LoadedCloud, api: Sequence[ApiHealth], ca_days: int | None) -> Iterator[Diagnostic]:
    for one in api:
        if one.error:
            yield Diagnostic(
                f"{one.service} does not answer at {one.url}: {one.error}",
                hint=typed(cloud, "verify"),
            )
        elif one.days is not None and one.days < EXPIRY_WARNING_DAYS:
            yield _warning(
                f"the certificate of {one.url} ends in {one.days} days", typed(cloud, "apply")
            )
    if ca_days is not None and ca_days < EXPIRY_WARNING_DAYS:
        yield _warning(f"the cloud's authority ends in {ca_days} days", typed(cloud, "apply"))


def _vms(
    cloud: LoadedCloud, vms: Mapping[str, int] | str, api: Sequence[ApiHealth]
) -> Iterator[Diagnostic]:
    if isinstance(vms, str):
        # Where an endpoint is silent, that is the cause, and it is told already.
        if not any(one.error for one in api):
            yield Diagnostic(f"VMs cannot be counted: {vms}", hint=typed(cloud, "verify"))
    elif vms.get("ERROR"):
        yield _warning(
            f"{vms['ERROR']} VMs are in the state ERROR",
            typed(cloud, "openstack", "server", "list", "--all-projects", "--status", "ERROR"),
        )


def _runs(cloud: LoadedCloud, runs: Sequence[LastRun]) -> Iterator[Diagnostic]:
    for run in runs:
        if not run.good:
            yield _warning(f"the last {run.kind} {run.outcome}", typed(cloud, run.kind))
