"""Ends what gureum runs on a host that leaves its cloud."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from gureum.remote import reload
from gureum.remote.failure import Evidence
from gureum.remote.process import run
from gureum.remote.running_vms import running_vms
from gureum.remote.unit import show


def retire(units: list[str], files: list[str]) -> dict[str, Any]:
    """Stop and disable units, in order, then remove files; return what was done and what still runs.

    A host with VMs is left as it is: `vms` names them. Done twice, it does nothing the second time.
    """
    vms = running_vms()
    if vms:
        return {"vms": vms, "stopped": [], "left": [], "removed": [], "evidence": []}
    evidence: list[Evidence] = []
    before = dict(zip(units, show(units)))
    there = [u for u in units if before[u].get("LoadState") not in ("not-found", None)]
    for name in there:
        done = run(("systemctl", "disable", "--now", "--no-reload", name), timeout=240)
        evidence.append(done.evidence())
    removed = []
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
            removed.append(path)
    evidence += reload.daemon_reload()
    after = dict(zip(there, show(there)))
    return {
        "vms": [],
        "stopped": [u for u in there if before[u].get("ActiveState") == "active"],
        "left": [u for u in there if after[u].get("ActiveState") == "active"],
        "removed": removed,
        "evidence": evidence,
    }
