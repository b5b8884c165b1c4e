"""Whether a disk holds anything: what a person could miss is never written over."""

from __future__ import annotations

import json

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import run


def refuse_used(device: str, evidence: list[Evidence]) -> None:
    """Raise Failure where a block device holds partitions, a file system, or anything known."""
    listed = run(
        ("lsblk", "--json", "--output", "NAME,TYPE,FSTYPE,MOUNTPOINTS", device), timeout=30
    )
    evidence.append(listed.evidence())
    if listed.exit:
        raise Failure(f"{device} cannot be looked at", evidence)
    node = json.loads(listed.output)["blockdevices"][0]
    held = [f"it is mounted at {where}" for where in node.get("mountpoints") or () if where]
    held += [f"it has {child['type']} {child['name']}" for child in node.get("children", ())]
    held += [f"it holds {node['fstype']}"] if node.get("fstype") else []
    signs = run(("wipefs", "--noheadings", "--output", "TYPE", device), timeout=30)
    evidence.append(signs.evidence())
    held += [f"it bears a mark of {sign}" for sign in signs.output.split() if not signs.exit]
    if held:
        raise Failure(
            f"{device} is in use: {', '.join(dict.fromkeys(held))}",
            evidence,
            hint=f"if nothing on it is needed any more: wipefs --all {device}",
        )
