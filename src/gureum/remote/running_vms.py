"""The VMs that run on this host, by its processes: true whatever libvirt or nova know."""

from __future__ import annotations

import contextlib
import os
import re
from typing import Any

from gureum.remote.text_file import text_of


def running_vms() -> list[dict[str, Any]]:
    """Return `pid`, `name` (libvirt's) and `uuid` (nova's) of every VM, the oldest first."""
    found = []
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        with contextlib.suppress(OSError):
            if text_of(f"/proc/{pid}/comm").startswith("qemu-system"):
                line = text_of(f"/proc/{pid}/cmdline").replace("\0", " ")
                name = re.search(r" -name (?:guest=)?([^ ,]+)", line)
                uuid = re.search(r" -uuid (\S+)", line)
                if name or uuid:
                    found.append(
                        {
                            "pid": pid,
                            "name": name[1] if name else "",
                            "uuid": uuid[1] if uuid else "",
                        }
                    )
    return found
