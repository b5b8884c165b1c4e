"""Ceph's own word about its health, and cinder's about its units."""

from __future__ import annotations

import time
from typing import Any

from gureum.checks import reporting
from gureum.checks.ceph_words import Complaint, complaints, in_short
from gureum.checks.check import Check, Evidence, Status, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.remote import ceph_health

_MONITOR = "ceph-mon@"
NO_VOLUMES = "the cloud has no volumes"
_UNITS = ("cinder-backup", "cinder-scheduler", "cinder-volume")


def run_ceph(context: CheckContext) -> Verdict:
    """Ask a monitor for the cluster's health; a warning of Ceph is one here."""
    hosts = [unit.host for unit in context.expected.units if unit.name.startswith(_MONITOR)]
    if not hosts:
        return Verdict(status=Status.SKIP, summary="the cloud has no Ceph of its own")
    disks = sum(unit.name.startswith("ceph-osd-") for unit in context.expected.units)
    asked = next((name for name in hosts if name in context.hosts), hosts[0])
    found, looked = context.ask(asked, ceph_health.health)
    told = complaints(found, asked, disks, len(hosts))
    said = tuple(
        Evidence(
            command=f"ceph health detail: {one.says}", host=asked, output="\n".join(one.evidence)
        )
        for one in told
        if one.evidence
    )
    return verdict(
        [one.says for one in told if one.broken],
        "" if found["silent"] else in_short(found),
        doubtful=[one.says for one in told if not one.broken],
        evidence=(looked, *said),
        hint=_way(context, told[0]) if told else "",
        value=sum(disk["up"] for disk in found.get("disks", ())),
        unit="disks",
    )


def _way(context: CheckContext, one: Complaint) -> str:
    return context.logs(one.unit) if one.unit else f"{context.ssh(one.host)} {' '.join(one.line)}"


def run_volumes(context: CheckContext) -> Verdict:
    """List cinder's services and compare with the units that are to report."""
    wanted = [(u.host, u.name) for u in context.expected.units if u.name in _UNITS]
    if not wanted:
        return Verdict(status=Status.SKIP, summary=NO_VOLUMES)
    hint = "gureum openstack volume service list; gureum service status cinder"
    return reporting.look(wanted, context.api.block_storage.services, hint=hint)


def run_types(context: CheckContext) -> Verdict:
    """Look for volume types that ask for encryption where nobody keeps keys.

    cinder takes such a type, and says no more than "Key manager error" to whoever wants a volume of it.
    """
    if not context.expected.hosts_of("cinder-api"):
        return Verdict(status=Status.SKIP, summary=NO_VOLUMES)
    began = time.monotonic()
    store = context.api.block_storage
    types = list(store.types())
    encrypted = [t.name for t in types if not context.keeps_keys and _encrypted(store, t)]
    return verdict(
        [],
        f"{len(types)} types",
        doubtful=[
            f"volumes of the type {name} cannot be made: they are to be encrypted, and the cloud has no "
            "manager of keys"
            for name in encrypted
        ],
        evidence=(
            Evidence(
                command="GET /types/TYPE/encryption",
                output="\n".join(f"{t.name}{': encrypted' * (t.name in encrypted)}" for t in types),
                seconds=time.monotonic() - began,
            ),
        ),
        hint=f"gureum openstack volume type delete {encrypted[0]}" if encrypted else "",
        value=len(types),
        unit="types",
    )


def _encrypted(store: Any, volume_type: Any) -> bool:
    """Tell whether volumes of a type are to be encrypted; for others cinder's answer is empty."""
    return bool(store.get_type_encryption(volume_type).provider)


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
TYPES = Check(
    id="cinder.types_usable",
    title="volume types usable",
    proves="No volume type asks for encryption where nobody keeps keys, for no volume of it could be made.",
    run=run_types,
    requirement="R-SVC-6",
)
