"""Gives each host a control group of its own where no systemd on this machine does.

Without one, all hosts would share the group of whoever started them: systemd in one host would
then stop what bears the same name in another.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from gureum.errors import LabError

PARENT = "gureum-lab"
PAYLOAD = "payload"


def hierarchies() -> list[Path]:
    """Return where systemd's hierarchies are mounted: unified, or systemd's own of version 1."""
    found = []
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            found.append(Path(place))
    return found


def make(machine: str) -> list[Path]:
    """Make the groups of a machine and return their `cgroup.procs` files."""
    made = []
    for hierarchy in hierarchies():
        group = hierarchy / PARENT / machine
        group.mkdir(parents=True, exist_ok=True)
        made.append(group / "cgroup.procs")
    return made


def remove(machine: str) -> None:
    """Remove the groups of a machine, which its ended processes left empty."""
    for hierarchy in hierarchies():
        parent = hierarchy / PARENT
        if (parent / machine).is_dir():
            _remove_tree(parent / machine)
        with contextlib.suppress(OSError):
            parent.rmdir()


def machines(prefix: str) -> set[str]:
    """Return the machines named `prefix…` that have groups."""
    found = (path for hierarchy in hierarchies() for path in (hierarchy / PARENT).glob("*"))
    return {path.name for path in found if path.name.startswith(prefix)}


def freezer(leader: int) -> Path | None:
    """Return the file that freezes all of a host, given its PID 1; None where there is no such."""
    for line in Path(f"/proc/{leader}/cgroup").read_text().splitlines():
        if not line.startswith("0::/"):
            continue
        inside = line.removeprefix("0::/").split("/")
        if PAYLOAD not in inside:
            continue
        group = "/".join(inside[: inside.index(PAYLOAD) + 1])
        for hierarchy in hierarchies():
            switch = hierarchy / group / "cgroup.freeze"
            if switch.exists():
                return switch
    return None


def _remove_tree(group: Path) -> None:
    folders = [path for path in group.rglob("*") if path.is_dir()]
    for folder in [*sorted(folders, key=lambda path: -len(path.parts)), group]:
        end = time.monotonic() + 2
        while True:
            # A group is busy until the kernel has taken in the end of its processes.
            try:
                folder.rmdir()
                break
            except FileNotFoundError:
                break
            except OSError as error:
                if time.monotonic() > end:
                    raise LabError(
                        f"the control group {folder} cannot be removed",
                        detail=str(error),
                        hint=f"cat {folder}/cgroup.procs",
                    ) from error
                time.sleep(0.01)
