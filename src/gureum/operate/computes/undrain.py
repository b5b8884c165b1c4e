"""Lets new VMs come to a compute host again."""

from __future__ import annotations

from gureum.apply.journal import Journal
from gureum.operate.api import as_admin
from gureum.operate.computes.chosen import check_compute
from gureum.operate.computes.enabling import Enabled, enable
from gureum.operate.deployment import Deployment


def undrain(deployment: Deployment, host: str) -> Enabled:
    """Enable a compute host and return how it is; VMs that moved away stay where they are.

    Raises InputError for a name that is no compute host.
    """
    check_compute(deployment, host, "opened again")
    silent = f"the cloud {deployment.cloud.name!r} cannot be told to use {host} again"
    with as_admin(deployment.loaded, deployment.folder, silent) as api:
        found = enable(api, host)
    if not found.already:
        journal = Journal(deployment.folder.journal)
        journal.write("drain", host=host, what="enabled")
        journal.close()
    return found
