"""State `file`: a file holds exactly this text, with this owner and mode."""

from __future__ import annotations

import errno
import grp
import hashlib
import os
import pwd
import shutil
import stat
from typing import Any

from gureum.remote.failure import Evidence, Failure

QUICK = True
SHOWN = 200_000
"""The largest file (bytes) whose text a reading carries for a diff."""


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return digest, owner, group and mode; None each where there is no file."""
    path = spec["path"]
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return {"sha256": None, "owner": None, "group": None, "mode": None, "_exists": False}
    reading = {
        "owner": user_name(status.st_uid),
        "group": group_name(status.st_gid),
        "mode": stat.S_IMODE(status.st_mode),
        "_exists": True,
        "_modified": status.st_mtime,
    }
    if not stat.S_ISREG(status.st_mode):
        # A link to the right text is not the file asked for: whoever owns its target may change it.
        return {**reading, "sha256": "a link" if stat.S_ISLNK(status.st_mode) else "not a file"}
    with open(path, "rb") as source:
        content = source.read()
    reading["sha256"] = hashlib.sha256(content).hexdigest()
    if not spec["hidden"] and len(content) <= SHOWN:
        reading["_content"] = content.decode(errors="replace")
    return reading


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Write the file in one move; only owner and mode are set where the text is right already.

    The time of a file stays as it is unless its text changes, for units restart by that time.
    """
    path = spec["path"]
    uid, gid = user_id(spec["owner"]), group_id(spec["group"])
    content = spec["content"].encode()
    try:
        if actual.get("sha256") == hashlib.sha256(content).hexdigest():
            os.chown(path, uid, gid)
            os.chmod(path, spec["mode"])
            return [_evidence("set owner and mode", path)]
        if os.path.isdir(path) and not os.path.islink(path):
            raise Failure(f"{path} is a directory", hint=f"mv {path} {path}.old")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _replace(path, content, uid, gid, spec["mode"])
    except OSError as error:
        raise _failure(path, error) from error
    return [_evidence(f"write {len(content)} bytes", path)]


def _replace(path: str, content: bytes, uid: int, gid: int, mode: int) -> None:
    new = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.gureum-new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(content)
        os.chown(new, uid, gid)
        os.chmod(new, mode)
        try:
            os.replace(new, path)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            # The file is a mount point, as /etc/hosts is in some containers: it cannot be replaced.
            with open(path, "wb") as out:
                out.write(content)
    finally:
        if os.path.lexists(new):
            os.unlink(new)


def _evidence(what: str, path: str) -> Evidence:
    return {"command": [what, path], "exit": 0, "output": "", "seconds": 0.0}


def _failure(path: str, error: OSError) -> Failure:
    if error.errno == errno.ENOSPC:
        where = os.path.dirname(path)
        while not os.path.isdir(where):
            where = os.path.dirname(where)
        free = shutil.disk_usage(where).free // 2**20
        return Failure(f"no space left for {path} ({free} MB free)", hint=f"df -h {where}")
    return Failure(f"cannot write {path}: {error.strerror}")


def user_name(uid: int) -> str:
    """Return the name of a user id, or the number as text where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Return the name of a group id, or the number as text where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def user_id(name: str) -> int:
    """Return the id of a user; raises Failure where there is none."""
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise Failure(f"there is no user {name!r}") from None


def group_id(name: str) -> int:
    """Return the id of a group; raises Failure where there is none."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise Failure(f"there is no group {name!r}") from None
