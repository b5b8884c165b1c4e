"""What a host's files and units are now, in one call: only what differs comes back as text."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from typing import Any

from gureum.remote import traces, unit
from gureum.remote.file import group_name, user_name

LARGEST = 1_000_000
"""The largest file (bytes) whose content is returned."""


def look(files: list[dict[str, Any]], units: list[dict[str, Any]]) -> dict[str, Any]:
    """Return readings of files by path and of units in their order, and who may have edited.

    A file's entry wants `path`, `sha256`, `owner`, `group`, `mode`; `ours` are the digests that it
    had from gureum itself. Its reading holds `content` only where the digest is not the wanted one.
    Traces are looked for where a digest, the owner or the mode is not known to be gureum's deed.
    """
    readings = {wanted["path"]: read(wanted) for wanted in files}
    moments = {
        wanted["path"]: readings[wanted["path"]]["moment"]
        for wanted in files
        if _by_others(wanted, readings[wanted["path"]])
    }
    return {
        "time": time.time(),
        "files": readings,
        "units": unit.read_all(units) if units else [],
        "traces": traces.traces(moments) if moments else {},
    }


def read(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what lies at a path: digest, owner, times, and its content if it is another one.

    `moment` is when it became what it is: its last change of text or, where only its owner or mode
    differs or it was moved here, of its inode. What is missing went at the latest when its folder
    last changed.
    """
    path = wanted["path"]
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return {"exists": False, "moment": _folder_changed(path)}
    reading: dict[str, Any] = {
        "exists": True,
        "owner": user_name(status.st_uid),
        "group": group_name(status.st_gid),
        "mode": stat.S_IMODE(status.st_mode),
        "modified": status.st_mtime,
        "changed": status.st_ctime,
        "moment": status.st_ctime,
    }
    if not stat.S_ISREG(status.st_mode):
        kind = "a link" if stat.S_ISLNK(status.st_mode) else "not a file"
        target = os.readlink(path) if kind == "a link" else ""
        return {**reading, "sha256": kind, "target": target}
    with open(path, "rb") as source:
        content = source.read()
    reading["sha256"] = hashlib.sha256(content).hexdigest()
    if reading["sha256"] != wanted["sha256"]:
        reading["moment"] = status.st_mtime
        if len(content) <= LARGEST:
            reading["content"] = content
    return reading


def _by_others(wanted: dict[str, Any], reading: dict[str, Any]) -> bool:
    if not reading["exists"]:
        return bool(wanted["ours"])
    if reading["sha256"] not in (wanted["sha256"], *wanted["ours"]):
        return True
    return any(reading[key] != wanted[key] for key in ("owner", "group", "mode"))


def _folder_changed(path: str) -> float:
    folder = os.path.dirname(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return os.stat(folder).st_mtime
