"""Disks that are to be used: files that stand for them, and what a person could miss on them."""

from __future__ import annotations

import json
import os
import stat

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import run


def make_file(path: str, size: int, evidence: list[Evidence]) -> None:
    """Make the file that stands for a disk, in a folder that is there; it takes room as it is written to."""
    if os.path.exists(path):
        return
    with open(path, "xb") as file:
        file.truncate(size)
    done = ["truncate", "--size", str(size), path]
    evidence.append({"command": done, "exit": 0, "output": "", "seconds": 0.0})


def is_block(device: str) -> bool:
    """Tell whether a disk is a block device and not a file; raises Failure where it is neither."""
    try:
        mode = os.stat(device).st_mode
    except OSError as error:
        raise Failure(f"{device}: {error.strerror}", hint="lsblk") from None
    if not (stat.S_ISBLK(mode) or stat.S_ISREG(mode)):
        raise Failure(f"{device} is neither a disk nor a file", hint=f"ls -l {device}")
    return stat.S_ISBLK(mode)


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
