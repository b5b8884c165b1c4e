"""State `names`: /etc/hosts leads each name of the cloud to its address, and keeps the lines of others."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Mapping
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.text_file import text_of

QUICK = True
PATH = "/etc/hosts"
BEGIN = "# gureum: the hosts of the cloud; apply writes these lines anew"
END = "# gureum: end"
LOCAL = {"127.0.0.1": "127.0.0.1 localhost", "::1": "::1 localhost ip6-localhost ip6-loopback"}
"""What every host needs besides, added where no line of others begins so."""


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the names of gureum's block, and the lines elsewhere that give one of the cloud's."""
    theirs, ours = split(text_of(PATH))
    elsewhere = [line for line in theirs if line != without(line, spec["names"])]
    return {"names": _names(ours), "elsewhere": elsewhere, "_exists": bool(ours)}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Write the block behind the lines of others, in one move."""
    text = written(text_of(PATH), spec["names"])
    new = f"{PATH}.gureum-new"
    try:
        mode = stat.S_IMODE(os.stat(PATH).st_mode) if os.path.exists(PATH) else 0o644
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
        os.chmod(new, mode | 0o444)
        _replace(new, text)
    except OSError as error:
        raise Failure(f"cannot write {PATH}: {error.strerror}") from error
    return [{"command": ["write", PATH], "exit": 0, "output": "", "seconds": 0.0}]


def _replace(new: str, text: str) -> None:
    try:
        os.replace(new, PATH)
    except OSError as error:
        os.unlink(new)
        if error.errno != errno.EBUSY:
            raise
        # It is a mount point, as in some containers: it cannot be replaced.
        with open(PATH, "w") as out:
            out.write(text)


def written(text: str, names: Mapping[str, str]) -> str:
    """Return what /etc/hosts is to hold where it holds `text` now."""
    theirs = [kept for line in split(text)[0] if (kept := without(line, names)) is not None]
    known = {words[0] for line in theirs if (words := line.split("#")[0].split())}
    first = [line for address, line in LOCAL.items() if address not in known]
    block = [BEGIN, *(f"{address} {name}" for name, address in names.items()), END]
    return "\n".join([*first, *theirs, *block]) + "\n"


def split(text: str) -> tuple[list[str], list[str]]:
    """Return the lines of others, and those of gureum's block without its marks."""
    theirs: list[str] = []
    ours: list[str] = []
    within = False
    for line in text.splitlines():
        if line.strip() in (BEGIN, END):
            within = line.strip() == BEGIN
        else:
            (ours if within else theirs).append(line)
    return theirs, ours


def without(line: str, names: Collection[str]) -> str | None:
    """Return a line without these names; None where it is left with none, itself where it has none."""
    entry, mark, comment = line.partition("#")
    words = entry.split()
    left = [word for word in words[1:] if word not in names]
    if len(left) == len(words[1:]):
        return line
    if not left:
        return None
    return " ".join([words[0], *left]) + (f" {mark}{comment}" if mark else "")


def _names(lines: list[str]) -> dict[str, str]:
    found = {}
    for line in lines:
        address, *names = line.split("#")[0].split() or [""]
        found.update(dict.fromkeys(names, address))
    return found
