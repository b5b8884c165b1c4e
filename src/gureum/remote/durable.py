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

    Secrets go by files with mode 0600 in /run, which the unit itself removes, never by an argument
    or a unit property.
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
    if started.exit == 124:
        said = f"it goes on as {name}; the next apply waits for its end"
    else:
        said = _take(base + ".out") + started.output
    return Done(tuple(spec["command"]), started.exit, said, time.monotonic() - began)


def wait_for_earlier(spec: dict[str, Any]) -> Done | None:
    """Wait for the end of the same command left by a run that was cut off; None if there is none.

    Two of a schema migration at once break it. How the earlier one ended its check tells.
    """
    name = unit_name(spec)
    began = time.monotonic()
    if not os.path.isdir("/run/systemd/system") or not _active(name):
        return None
    while _active(name) and process.time_left():
        time.sleep(0.2)
    said = _take(os.path.join(FOLDER, name + ".out"))
    seconds = time.monotonic() - began
    return Done(("wait", "for", f"{name}.service"), 0, said, seconds)


def unit_name(spec: dict[str, Any]) -> str:
    """Return the unit's name: the same for the same command and user."""
    words = "\0".join([*spec["command"], spec["user"]])
    program = "".join(c for c in os.path.basename(spec["command"][0]) if c.isalnum() or c == "-")
    return f"gureum-{program}-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


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


def _take(path: str) -> str:
    """Return what a file holds, and remove it."""
    try:
        with open(path, errors="replace") as source:
            text = source.read()
        os.unlink(path)
    except OSError:
        return ""
    return text
