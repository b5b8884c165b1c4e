"""Ceph's own word about its health, and cinder's about its units."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from gureum.checks.check import Check, Evidence, Status, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.patience import settled
from gureum.remote import ceph_members

_MONITOR = "ceph-mon@"
_UNITS = ("cinder-backup", "cinder-scheduler", "cinder-volume")


def run_ceph(context: CheckContext) -> Verdict:
    """Ask a monitor for the cluster's health; a warning of Ceph is one here."""
    hosts = [unit.host for unit in context.expected.units if unit.name.startswith(_MONITOR)]
    if not hosts:
        return Verdict(status=Status.SKIP, summary="the cloud has no Ceph of its own")
    disks = sum(unit.name.startswith("ceph-osd-") for unit in context.expected.units)
    found, looked = context.ask(hosts[0], ceph_members.health)
    wrong, doubtful = judge_ceph(found, len(hosts), disks)
    return verdict(
        wrong,
        f"{found['disks_up']} of {disks} disks up, {found['monitors']} monitors agree",
        doubtful=doubtful,
        evidence=(looked,),
        hint=f"{context.ssh(hosts[0])} ceph health detail",
        value=found["disks_up"],
        unit="disks",
    )


def judge_ceph(found: dict[str, Any], monitors: int, disks: int) -> tuple[list[str], list[str]]:
    """Return what keeps data from being used, and what Ceph or the cloud miss besides."""
    words = [str(word) for word in found["words"]]
    if found["health"] == "HEALTH_ERR":
        return words or ["Ceph calls itself broken"], []
    doubtful = words if found["health"] != "HEALTH_OK" else []
    if found["disks_up"] < disks:
        doubtful = [*doubtful, f"{disks - found['disks_up']} of {disks} disks are down"]
    if found["monitors"] < monitors:
        doubtful = [*doubtful, f"{found['monitors']} of {monitors} monitors agree"]
    return [], doubtful


def run_volumes(context: CheckContext) -> Verdict:
    """List cinder's services and compare with the units that are to report."""
    wanted = [(u.host, u.name) for u in context.expected.units if u.name in _UNITS]
    if not wanted:
        return Verdict(status=Status.SKIP, summary="the cloud has no volumes")
    began = time.monotonic()
    services = settled(
        lambda: list(context.api.block_storage.services()),
        lambda seen: judge_volumes(wanted, seen)[0],
    )
    wrong, doubtful = judge_volumes(wanted, services)
    return verdict(
        wrong,
        f"{len(services)} services up",
        doubtful=doubtful,
        evidence=(
            Evidence(
                command="GET /os-services",
                output="\n".join(f"{s.binary} {s.host} {s.status} {s.state}" for s in services),
                seconds=time.monotonic() - began,
            ),
        ),
        hint="gureum openstack volume service list; gureum service status cinder",
        value=len(services),
        unit="services",
    )


def judge_volumes(
    wanted: Sequence[tuple[str, str]], services: Sequence[Any]
) -> tuple[list[str], list[str]]:
    """Return units that are missing or down, and those that an operator has disabled."""
    present = {(str(s.host).partition("@")[0], s.binary) for s in services}
    wrong = [f"{name} of {host} is unknown" for host, name in wanted if (host, name) not in present]
    wrong += [f"{s.binary} of {s.host} is {s.state}" for s in services if s.state != "up"]
    doubtful = [f"{s.binary} of {s.host} is disabled" for s in services if s.status != "enabled"]
    return wrong, doubtful


CEPH = Check(
    id="ceph.healthy",
    title="Ceph is healthy",
    proves="Ceph's monitors agree, all of its disks are up, and it has nothing to complain of.",
    run=run_ceph,
    requirement="R-SVC-6",
)
VOLUMES = Check(
    id="cinder.services_up",
    title="volume services up",
    proves="Every scheduler, cinder-volume and cinder-backup has reported to cinder within the last "
    "minute.",
    run=run_volumes,
    requirement="R-SVC-6",
)
