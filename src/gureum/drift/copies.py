"""Copies of what an apply took back, in the cloud's folder, so that nobody's work is lost."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass

from gureum.state.folder import CloudFolder

FOLDER = "replaced"
KEPT = 20
"""Runs whose copies are kept, the latest."""


@dataclass(frozen=True)
class Copy:
    """A file as it was before an apply wrote it anew, at a UNIX time."""

    time: float
    host: str
    path: str
    copy: str


def keep(folder: CloudFolder, files: Mapping[tuple[str, str], bytes]) -> dict[tuple[str, str], str]:
    """Write the contents of files, by host and path, and return where each copy lies.

    Copies may hold secrets: they lie in the cloud's folder with mode 0600, and the runs before the
    last 20 are forgotten.
    """
    if not files:
        return {}
    root = folder.make().path / FOLDER
    root.mkdir(mode=0o700, exist_ok=True)
    now = time.time()
    run = (
        root / f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{int(now * 1e3) % 1000:03d}"
    )
    kept = {}
    for (host, path), content in files.items():
        copy = run / host / path.lstrip("/")
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy.touch(mode=0o600)
        copy.write_bytes(content)
        kept[host, path] = str(copy)
    for old in sorted(entry for entry in root.iterdir() if entry.is_dir())[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return kept


def copies(folder: CloudFolder) -> tuple[Copy, ...]:
    """Return every copy that is kept, the latest first."""
    found = []
    root = folder.path / FOLDER
    for run in sorted(root.iterdir(), reverse=True) if root.is_dir() else ():
        moment = _time(run.name)
        for host in sorted(run.iterdir()) if moment and run.is_dir() else ():
            for copy in sorted(path for path in host.rglob("*") if path.is_file()):
                path = f"/{copy.relative_to(host)}"
                found.append(Copy(moment, host.name, path, str(copy)))
    return tuple(found)


def _time(name: str) -> float:
    try:
        whole, _, thousandths = name.rpartition("-")
        return time.mktime(time.strptime(whole, "%Y%m%d-%H%M%S")) + int(thousandths) / 1e3
    except ValueError:
        return 0.0
