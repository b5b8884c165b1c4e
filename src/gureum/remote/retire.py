"""Ends what gureum runs on a host that leaves its cloud."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from gureum.remote import reload, retired_units
from gureum.remote.failure import Evidence
from gureum.remote.process import run
from gureum.remote.running_vms import running_vms
from gureum.remote.unit import show


def retire(units: list[str], keep: list[str], files: list[str]) -> dict[str, Any]:
    """Stop and disable `units` and what is noted of the host but `keep`, then remove files.

    Returns what was stopped, what still runs, and what was removed. A host with VMs is left as it is:
    `vms` names them. Done twice, it does nothing the second time.
    """
    vms = running_vms()
    if vms:
        return {"vms": vms, "stopped": [], "left": [], "removed": [], "evidence": []}
    evidence: list[Evidence] = []
    noted = [unit for unit in reversed(retired_units.noted()) if unit not in keep]
    wanted = list(dict.fromkeys([*units, *noted]))
    before = dict(zip(wanted, show(wanted)))
    there = [u for u in wanted if before[u].get("LoadState") not in ("not-found", None)]
    if there:
        done = run(("systemctl", "disable", "--now", *there), timeout=300)
        evidence.append(done.evidence())
        retired_units.note([unit for unit in retired_units.noted() if unit in keep])
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
