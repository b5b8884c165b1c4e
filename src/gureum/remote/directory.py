"""State `directory`: directories exist with this owner, group and mode."""

from __future__ import annotations

import os
import stat
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.file import group_id, group_name, user_id, user_name

QUICK = True


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return path -> [owner, group, mode], None where there is no directory."""
    found = {path: _read_one(path) for path in spec["directories"]}
    return {**found, "_exists": any(found.values())}


def _read_one(path: str) -> list[Any] | None:
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISDIR(status.st_mode):
        return ["not a directory", "", 0]
    mode = stat.S_IMODE(status.st_mode)
    return [user_name(status.st_uid), group_name(status.st_gid), mode]


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make what is missing (parents too, as root's with mode 0755) and set owner and mode."""
    evidence: list[Evidence] = []
    for path, (owner, group, mode) in sorted(spec["directories"].items()):
        if actual.get(path) == [owner, group, mode]:
            continue
        try:
            os.makedirs(path, exist_ok=True)
            os.chown(path, user_id(owner), group_id(group))
            os.chmod(path, mode)
        except OSError as error:
            raise Failure(f"cannot make {path}: {error.strerror}", evidence) from error
        evidence.append({"command": ["mkdir", path], "exit": 0, "output": "", "seconds": 0.0})
    return evidence
