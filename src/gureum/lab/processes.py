"""Finds the processes of lab hosts in /proc, so that no record of them can be out of date."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

from gureum.errors import LabError

SUPERVISOR = "systemd-nspawn"
POWER_OFF = signal.SIGRTMIN + 4
"""What systemd as PID 1 takes as: power off cleanly."""
PATIENCE = 10.0
"""Seconds that the kernel gets to end what was killed."""


@dataclass(frozen=True)
class Process:
    """A living process, as far as the lab cares."""

    pid: int
    name: str
    parent: int
    first_inside: bool
    """Whether it is PID 1 of a PID namespace of its own."""


def living() -> Iterator[Process]:
    """Yield every process that is not a zombie."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/status") as source:
                fields = dict(line.split(":", 1) for line in source if ":" in line)
        except OSError:
            continue
        if fields["State"].split()[0] in "ZX":
            continue
        inside = fields.get("NSpid", "").split()
        yield Process(
            int(entry),
            fields["Name"].strip(),
            int(fields["PPid"]),
            len(inside) > 1 and inside[-1] == "1",
        )


def supervisors(prefix: str) -> dict[str, int]:
    """Return machine name -> PID of the systemd-nspawn of every machine named `prefix…`."""
    found: dict[str, int] = {}
    for process in living():
        if process.name == SUPERVISOR and (machine := _machine(process.pid)).startswith(prefix):
            # Short-lived children of the supervisor bear its arguments too: the parent counts.
            if machine in found and process.parent == found[machine]:
                continue
            found[machine] = process.pid
    return found


def supervisor(machine: str) -> int | None:
    """Return the systemd-nspawn that runs a machine."""
    return supervisors(machine).get(machine)


def leader(machine: str) -> int | None:
    """Return the machine's PID 1, seen from here."""
    above = supervisor(machine)
    if above is None:
        return None
    for process in living():
        if process.parent == above and process.first_inside:
            return process.pid
    return None


def machines(prefix: str) -> set[str]:
    """Return the machines named `prefix…` that have a process, supervised or not."""
    found = set(supervisors(prefix))
    for process in living():
        found |= {name for name in _groups(process.pid) if name.startswith(prefix)}
    return found


def kill(machine: str) -> None:
    """End a machine at once, as a power cut does, and wait until it is gone.

    The kernel ends all that runs inside with the PID 1 there. systemd-nspawn alone, killed by
    somebody, leaves the inside running: control groups tell what belonged to it. One that lives
    is left a moment to see the end of its machine and to clean up.
    """
    began = time.monotonic()
    while True:
        above, inside = supervisor(machine), _inside(machine)
        if above is None and not inside:
            return
        waited = time.monotonic() - began
        if waited > PATIENCE:
            raise LabError(
                f"processes of {machine} do not end",
                detail=" ".join(map(str, inside)),
                hint="ps -e -o pid,stat,wchan,args",
            )
        late = above is not None and waited > PATIENCE / 5
        for pid in [*inside, *([above] if above and late else [])]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def power_off(machine: str, patience: float) -> bool:
    """Ask a machine to power off and tell whether it did within `patience` seconds."""
    above, first = supervisor(machine), leader(machine)
    if above is None:
        return True
    if first is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, POWER_OFF)
    return wait_gone(above, patience)


def wait_gone(pid: int, patience: float) -> bool:
    """Tell whether a process ended within `patience` seconds."""
    end = time.monotonic() + patience
    while alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Tell whether a process lives; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as source:
            return source.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _inside(machine: str) -> list[int]:
    """Return the processes inside a machine, or around it, but for its systemd-nspawn."""
    return [
        process.pid
        for process in living()
        if process.name != SUPERVISOR and machine in _groups(process.pid)
    ]


def _groups(pid: int) -> set[str]:
    """Return the names in the path of a process's control group; a unit counts by its machine."""
    try:
        with open(f"/proc/{pid}/cgroup") as source:
            names = {name for line in source for name in line.strip().split("/")[1:]}
    except OSError:
        return set()
    return {name.removesuffix(".service") for name in names}


def _machine(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline") as source:
            words = source.read().split("\0")
    except OSError:
        return ""
    found = (word.partition("=")[2] for word in words if word.startswith("--machine="))
    return next(found, "")
