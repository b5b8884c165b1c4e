"""Runs a command as a transient unit, which goes on where the connection to us is lost."""

from __future__ import annotations

import hashlib
import os
import time
from typing import Any

from gureum.remote import process
from gureum.remote.process import Done

FOLDER = "/run/gureum"


def run(spec: dict[str, Any]) -> Done:
    """Run the command of `spec` as a transient unit and return how it ended.

    Where a unit of the same command still runs, left by a run that was cut off, its end is waited
    for first: two of a schema migration at once break it. Secrets go by files with mode 0600 in
    /run, which the unit itself removes, never by an argument or a unit property.
    """
    if not os.path.isdir("/run/systemd/system"):
        return process.run(
            spec["command"],
            environment=spec["environment"],
            user=spec["user"],
            stdin=spec["stdin"],
        )
    name = unit_name(spec)
    began = time.monotonic()
    if _wait_for_end(name):
        return Done(tuple(spec["command"]), 0, "an earlier run of it ended", _since(began))
    os.makedirs(FOLDER, mode=0o700, exist_ok=True)
    base = os.path.join(FOLDER, name)
    _write(base + ".env", "".join(map(_assignment, sorted(spec["environment"].items()))))
    _write(base + ".in", spec["stdin"])
    _write(base + ".out", "")
    started = process.run(
        [
            "systemd-run",
            f"--unit={name}",
            "--collect",
            "--wait",
            "--quiet",
            "--service-type=exec",
            f"--uid={spec['user']}",
            f"--property=EnvironmentFile={base}.env",
            f"--property=StandardInput=file:{base}.in",
            f"--property=StandardOutput=append:{base}.out",
            f"--property=StandardError=append:{base}.out",
            f"--property=ExecStopPost=+/bin/rm -f {base}.env {base}.in",
            "--setenv=LC_ALL=C.UTF-8",
            f"--setenv=PATH={process.SEARCH_PATH}",
            "--",
            *spec["command"],
        ]
    )
    with open(base + ".out", errors="replace") as source:
        output = source.read()
    status = started.exit
    if status == 124:
        output += f"\nit goes on as {name}; the next apply waits for its end\n"
    else:
        os.unlink(base + ".out")
        output += started.output
    return Done(tuple(spec["command"]), status, output, _since(began))


def unit_name(spec: dict[str, Any]) -> str:
    """Return the unit's name: the same for the same command and user."""
    words = "\0".join([*spec["command"], spec["user"]])
    program = "".join(c for c in os.path.basename(spec["command"][0]) if c.isalnum() or c == "-")
    return f"gureum-{program}-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


def _wait_for_end(name: str) -> bool:
    """Return whether the unit ran, after waiting until it does not any more."""
    ran = False
    while _active(name):
        ran = True
        if not process.time_left():
            break
        time.sleep(0.3)
    return ran


def _active(name: str) -> bool:
    show = process.run(
        ["systemctl", "show", "--value", "--property=ActiveState", f"{name}.service"]
    )
    return show.output.strip() in ("active", "activating", "deactivating")


def _assignment(item: tuple[str, str]) -> str:
    name, value = item
    for character in '\\"`$':
        value = value.replace(character, "\\" + character)
    return f'{name}="{value}"\n'


def _write(path: str, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)


def _since(began: float) -> float:
    return time.monotonic() - began
