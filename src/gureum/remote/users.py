"""State `users`: system users exist, with their homes and supplementary groups."""

from __future__ import annotations

import grp
import os
import pwd
import time
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import last_line, run, time_left

QUICK = True


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return name -> [home, groups], None where there is no user.

    Of the groups only the wanted ones are told: a package may put a user into more of them.
    """
    found: dict[str, Any] = {}
    for name, (_, groups) in spec["users"].items():
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            found[name] = None
            continue
        members = {_group(gid) for gid in os.getgrouplist(name, entry.pw_gid)}
        found[name] = [entry.pw_dir, sorted(members.intersection(groups))]
    return {**found, "_exists": any(found.values())}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Add the users and groups that are missing, and put users into their groups."""
    evidence: list[Evidence] = []
    for group in sorted({group for _, groups in spec["users"].values() for group in groups}):
        if not _group_exists(group):
            _edit(("groupadd", "--system", group), evidence)
    for name, (home, groups) in spec["users"].items():
        wanted = [home, sorted(groups)]
        if actual.get(name) == wanted:
            continue
        if actual.get(name) is None:
            own = ("--gid", name) if _group_exists(name) else ("--user-group",)
            shell = ("--no-create-home", "--shell", "/usr/sbin/nologin")
            _edit(("useradd", "--system", *own, "--home-dir", home, *shell, name), evidence)
        elif actual[name][0] != home:
            _edit(("usermod", "--home", home, name), evidence)
        if groups:
            _edit(("usermod", "--append", "--groups", ",".join(groups), name), evidence)
    return evidence


def _edit(command: tuple[str, ...], evidence: list[Evidence]) -> None:
    """Run a tool of the account database, again while a package's script holds its lock."""
    until = time.monotonic() + time_left(60)
    while True:
        done = run(command)
        if "cannot lock" in done.output and time.monotonic() < until:
            time.sleep(0.2)
            continue
        evidence.append(done.evidence())
        if done.exit:
            raise Failure(f"{command[0]} failed: {last_line(done.output)}", evidence)
        return


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _group_exists(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True
