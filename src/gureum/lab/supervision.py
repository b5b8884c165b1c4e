"""Keeps a host's systemd-nspawn apart from the run that starts it: the host outlives that run.

Where systemd runs this machine, each host is a unit of it. Elsewhere it is a process of its own
session in a control group of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gureum.lab import cgroups
from gureum.lab.command import succeeds


def systemd() -> bool:
    """Tell whether systemd is PID 1 of this machine."""
    return Path("/run/systemd/system").is_dir()


def detached(machine: str, log: Path, environment: Mapping[str, str]) -> list[str]:
    """Return the words before a command that make it the supervisor of a machine."""
    if systemd():
        return [
            "systemd-run",
            "--quiet",
            "--collect",
            f"--unit={machine}",
            "--slice=machine.slice",
            "--property=Delegate=yes",
            "--property=KillMode=mixed",
            "--property=TasksMax=infinity",
            f"--property=StandardOutput=append:{log}",
            f"--property=StandardError=append:{log}",
            *(f"--setenv={name}={value}" for name, value in environment.items()),
            "--",
        ]
    move = "".join(f"echo $$ > {file}; " for file in cgroups.make(machine))
    return ["setsid", "--fork", "sh", "-c", f'{move}exec "$@"', "sh"]


def forget(machine: str) -> None:
    """Remove the unit or the control groups of a machine whose processes have ended."""
    if systemd():
        # One that ended by itself is unknown by now, which is what is wanted.
        succeeds("systemctl", "stop", f"{machine}.service")
    cgroups.remove(machine)
