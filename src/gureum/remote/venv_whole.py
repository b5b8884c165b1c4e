"""Tells whether files of a finished virtual environment were removed, in some milliseconds.

An installer leaves a list of every file. To look for thirty thousand of them takes longer than all
other readings of a host; so the times of folders are kept, which a removal changes, and the lists
are read only where one differs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

NOTE = ".gureum-whole"
INFO = ".dist-info"


def note(path: str, site: str) -> None:
    """Keep how the environment at `path` is now, with its modules in the folder `site`."""
    kept = {
        "folders": dict(_folders(site)),
        "names": sorted(os.listdir(site)),
        "programs": sorted(os.listdir(os.path.join(path, "bin"))),
        "absent": sorted(file for _, file in _listed(site) if not _exists(site, file)),
    }
    with open(os.path.join(path, NOTE), "w") as out:
        json.dump(kept, out)


def missing(path: str, site: str) -> dict[str, list[str]]:
    """Return package -> files that are gone since `note`; empty for one that was made before it."""
    try:
        with open(os.path.join(path, NOTE)) as source:
            kept = json.load(source)
        names, programs = set(os.listdir(site)), set(os.listdir(os.path.join(path, "bin")))
    except FileNotFoundError:
        return {}
    gone = set(kept["names"]) - names
    if not gone and set(kept["programs"]) <= programs and not _moved(site, kept["folders"]):
        return {}
    found = {package_of(name): [name] for name in sorted(gone) if name.endswith(INFO)}
    absent = set(kept["absent"])
    for name, file in _listed(site):
        if file not in absent and not _exists(site, file):
            found.setdefault(package_of(name), []).append(file)
    return found


def package_of(info: str) -> str:
    """Return the package that a `.dist-info` folder is about."""
    return info[: -len(INFO)].rsplit("-", 1)[0]


def _moved(site: str, folders: dict[str, int]) -> bool:
    for folder, changed in folders.items():
        try:
            if os.stat(os.path.join(site, folder)).st_mtime_ns != changed:
                return True
        except OSError:
            return True
    return False


def _folders(site: str) -> Iterator[tuple[str, int]]:
    """Yield the folders of modules and when each changed, but for those of bytecode."""
    for folder, inner, _ in os.walk(site):
        inner[:] = [name for name in inner if name != "__pycache__"]
        if folder != site:
            yield os.path.relpath(folder, site), os.stat(folder).st_mtime_ns


def _listed(site: str) -> Iterator[tuple[str, str]]:
    """Yield `.dist-info` folder and path of every file that a package says it has."""
    for name in sorted(os.listdir(site)):
        if not name.endswith(INFO):
            continue
        try:
            with open(os.path.join(site, name, "RECORD"), errors="replace") as source:
                lines = source.read().splitlines()
        except OSError:
            continue
        for line in lines:
            file = line.rsplit(",", 2)[0].strip('"')
            if file and not file.endswith(".pyc"):
                yield name, file


def _exists(site: str, file: str) -> bool:
    return os.path.lexists(os.path.join(site, file))
