"""Runs the machine's own tools and turns their failures into errors a user can act on."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gureum.errors import LabError

KEPT_LINES = 15


def run(
    *command: str | Path,
    stdin: str = "",
    timeout: float = 600,
    environment: Mapping[str, str] | None = None,
    summary: str = "",
) -> str:
    """Return the standard output of a command; raise LabError with its words where it fails."""
    argv = [str(word) for word in command]
    shown = shlex.join(argv)
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=environment,
            check=False,
        )
    except FileNotFoundError as error:
        raise LabError(
            summary or f"{argv[0]} is not installed",
            detail=shown,
            hint="run the same command as root: it installs what is missing",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise LabError(
            summary or f"{argv[0]} did not end within {timeout:.0f} s", detail=shown, hint=shown
        ) from error
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise LabError(
            summary or f"{argv[0]} failed (exit {done.returncode})",
            detail="\n".join([shown, *lines[-KEPT_LINES:]]),
            hint=hint_for("\n".join(lines)) or f"see what it says: {shown}",
        )
    return done.stdout


def succeeds(*command: str | Path) -> bool:
    """Tell whether a command ends well; its output is thrown away."""
    argv = [str(word) for word in command]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def hint_for(output: str) -> str:
    """Return the way out of failures that a tool words badly, or an empty string."""
    if "No space left on device" in output:
        return "free some disk space: df -h /var/lib /var/cache"
    if "Operation not permitted" in output or "Permission denied" in output:
        return "run it as root, outside of an unprivileged container"
    if "Temporary failure resolving" in output or "Could not resolve" in output:
        return "this machine cannot resolve its package mirror: apt-get update"
    return ""
