"""`gureum down`: takes away all that `up` made, whatever state it is in."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from gureum.apply.journal import Journal
from gureum.errors import GureumError
from gureum.operate.deployment import Deployment
from gureum.operate.hosts import open_lab


def run_down(
    deployment: Deployment, say: Callable[[str], None], keep_folder: bool = False
) -> list[str]:
    """Destroy the cloud's lab and forget its folder; return what a person wants to read.

    Raises GureumError for a cloud on servers of its own: gureum does not wipe what it did not make,
    and for a cloud that another run is working on.
    """
    if not deployment.in_lab:
        raise GureumError(
            f"the cloud {deployment.cloud.name!r} runs on hosts that gureum did not make",
            detail="`down` removes lab hosts only; servers keep what is on them",
            hint="reinstall the servers, or remove their packages and /etc, /var/lib of the services",
        )
    folder = deployment.folder
    lab = open_lab(deployment, say)
    known = folder.exists or lab.home.exists()
    if folder.exists:
        with Journal(folder.journal).lock():
            lab.destroy()
    else:
        lab.destroy()
    if folder.exists and not keep_folder:
        shutil.rmtree(folder.path)
    if not known:
        return [f"there is no cloud {deployment.cloud.name!r}; nothing of it is left either"]
    kept = f"; its folder stays: {folder.path}" if keep_folder else ""
    return [f"the cloud {deployment.cloud.name!r} is gone{kept}"]
