"""State `retired_units`: a host runs no unit that gureum once started there and wants no more."""

from __future__ import annotations

import json
import os
from typing import Any

from gureum.remote import reload
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import must
from gureum.remote.running_vms import running_vms
from gureum.remote.text_file import text_of

NOTE = "/var/lib/gureum/units.json"
"""What gureum runs on this host, in the order of starts. It lies on the host, so that no other unit
is ever touched: not one that the host had before, nor one that its operator added."""
FOLDER = "/etc/systemd/system"
HYPERVISOR = {"libvirtd.service", "nova-compute.service"}


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the units that are noted, and which of them are wanted no more."""
    found = noted()
    return {
        "retired": [name for name in found if name not in spec["units"]],
        "noted": sorted(found),
        "_exists": os.path.exists(NOTE),
    }


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Stop and disable what is retired, last started first, and note what runs now.

    Raises Failure where VMs run on a host that is to be no compute host any more.
    """
    retired = actual["retired"]
    evidence: list[Evidence] = []
    vms = len(running_vms())
    if HYPERVISOR & set(retired) and vms:
        raise Failure(
            f"{vms} VMs run on this host, which is to be no compute host any more: "
            "gureum host drain moves them"
        )
    if retired:
        command = ("systemctl", "disable", "--now", *reversed(retired))
        must(command, evidence, "cannot stop what is retired")
        for name in retired:
            for path in (f"{FOLDER}/{name}", f"{FOLDER}/{name}.d/gureum.conf"):
                if os.path.exists(path):
                    os.remove(path)
        evidence += reload.daemon_reload()
    note(spec["units"])
    return evidence


def noted() -> list[str]:
    """Return the units that gureum runs on this host, in the order of starts."""
    try:
        found = json.loads(text_of(NOTE) or "[]")
    except ValueError:
        # Torn by a full disk: what runs is noted anew, and nothing is stopped by a guess.
        return []
    return [str(name) for name in found]


def note(units: list[str]) -> None:
    """Write down the units that gureum runs on this host."""
    with open(f"{NOTE}.new", "w") as out:
        json.dump(units, out)
        out.write("\n")
    os.replace(f"{NOTE}.new", NOTE)
