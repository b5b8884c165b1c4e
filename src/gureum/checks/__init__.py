"""Checks of a running cloud: looks with evidence, an image imported, and one VM that really boots.

`CHECKS` is the explicit list; `gureum.checks.vm` is the scenario with a VM.
"""

from __future__ import annotations

from gureum.checks import (
    cache,
    clocks,
    compute,
    consoles,
    dashboard,
    databases,
    doors,
    endpoints,
    identity,
    image_import,
    images,
    memory,
    names,
    network,
    objects,
    openvswitch,
    ovn,
    ports,
    queues,
    storage,
    units,
)
from gureum.checks.check import Check, CheckResult, Evidence, Status, Verdict
from gureum.checks.context import CheckContext
from gureum.checks.runner import run_check, run_checks

CHECKS: tuple[Check, ...] = (
    names.CHECK,
    clocks.CHECK,
    units.CHECK,
    ports.CHECK,
    doors.CHECK,
    memory.CHECK,
    databases.CHECK,
    queues.CHECK,
    cache.CHECK,
    identity.TOKEN,
    identity.BYPASS,
    ports.DEAD_PORT,
    endpoints.CHECK,
    images.CHECK,
    image_import.CHECK,
    storage.CEPH,
    storage.VOLUMES,
    storage.TYPES,
    objects.SWIFT,
    objects.OBJECT,
    compute.PLACEMENT,
    compute.SERVICES,
    compute.HYPERVISORS,
    consoles.CHECK,
    network.CHECK,
    openvswitch.CHECK,
    ovn.CHECK,
    dashboard.LOGIN,
    dashboard.FILES,
)
"""Every check, in the order in which a person reads the report: hosts first, services after."""

__all__ = [
    "CHECKS",
    "Check",
    "CheckContext",
    "CheckResult",
    "Evidence",
    "Status",
    "Verdict",
    "run_check",
    "run_checks",
]
