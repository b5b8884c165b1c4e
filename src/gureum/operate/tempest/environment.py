"""Where Tempest is installed: an environment of its own, for it shares no requirement with a cloud."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from gureum.errors import GureumError

LOCK = Path(__file__).with_name("tempest.lock")
"""Tempest and all that it needs, every file by its hash; `./run lock` renews it."""

Say = Callable[[str], None]


def environment(cache: Path, say: Say) -> Path:
    """Return the Python that Tempest is installed for, after installing what the lock names.

    Packages come from where this machine's pip takes them. What a killed run left half way is made
    anew, and another lock has an environment of its own. Raises GureumError where pip cannot.
    """
    digest = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    venv = cache / "tempest" / digest
    python, done = venv / "bin" / "python", venv / "done"
    venv.parent.mkdir(parents=True, exist_ok=True)
    with _alone(venv.with_suffix(".lock")):
        if not done.exists():
            say(f"installing Tempest into {venv}")
            shutil.rmtree(venv, ignore_errors=True)
            _make((sys.executable, "-m", "venv", venv))
            _make(
                (
                    *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                    *("--require-hashes", "--requirement", LOCK),
                )
            )
            done.touch()
    return python


def _make(command: tuple[str | Path, ...]) -> None:
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise GureumError(
            "Tempest cannot be installed on this machine",
            detail="\n".join(said[-8:]),
            hint="put right how pip finds packages here (pip config list), then: gureum tempest",
        )


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
