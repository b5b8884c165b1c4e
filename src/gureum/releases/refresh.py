"""Makes a release's files anew from PyPI: a maintainer's work, never a user's.

Requirements and `schemas.toml` (one for all releases) are written by hand; lock, option schemas,
policy rules and database revisions follow from them. A file is written only where what it says has
changed, so that a refresh that finds nothing new leaves nothing to commit.
"""

from __future__ import annotations

import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import GureumError
from gureum.releases.release import (
    DATABASES,
    LOCK,
    POLICIES_SUFFIX,
    SCHEMA_SUFFIX,
    UV_LOCK,
    Release,
)

SCHEMAS = Path(__file__).with_name("schemas.toml")
"""What to gather; releases differ in what they answer, not in what they are asked."""
_HEADS = Path(__file__).with_name("gather_heads.py")
_OPTIONS = Path(__file__).with_name("gather_options.py")
_POLICIES = Path(__file__).with_name("gather_policies.py")
_SAMPLES = Path(__file__).with_name("gather_samples.py")
_OLDEST_PYTHON = "3.11"
_FLAGS = (
    *("--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"),
    *("--no-emit-index-url", "--no-emit-find-links", "--upgrade"),
)


@dataclass(frozen=True)
class Refreshed:
    """One file: whether it changed, how long it took to make, how large it is."""

    file: str
    changed: bool
    seconds: float
    size: int


def refresh(release: Release, *, only: frozenset[str] = frozenset()) -> Iterator[Refreshed]:
    """Write the release's lock, uv's lock, option schemas, policy rules and database revisions.

    `only` limits it to some files: `requirements.lock`, `uv.lock`, `databases.json`, names of
    schemas (`nova`), or policy rules (`nova.policies`). Raises GureumError where PyPI or one of the
    services does not play along.
    """
    folder, uv = release.folder, _uv()
    if not only or LOCK in only:
        yield _write(folder / LOCK, lambda: _lock(uv, release, folder / "requirements.in"))
    if not only or UV_LOCK in only:
        yield _write(folder / UV_LOCK, lambda: _uv_lock(uv, release))
    spec = SCHEMAS
    written = tomllib.loads(spec.read_text())
    # What each file of the environment's own is made with, by the name that `only` knows it by.
    jobs: dict[str, tuple[str, tuple[str | Path, ...]]] = {
        DATABASES: (DATABASES, (_HEADS, spec)),
        **{
            name: (name + SCHEMA_SUFFIX, (_SAMPLES if "sample" in of else _OPTIONS, spec, name))
            for name, of in written["schemas"].items()
        },
        **{
            f"{name}.policies": (name + POLICIES_SUFFIX, (_POLICIES, name))
            for name in written.get("policies", ())
        },
    }
    wanted = [job for name, job in jobs.items() if not only or name in only]
    if wanted:
        with tempfile.TemporaryDirectory(prefix="gureum-release-") as place:
            python = _environment(uv, Path(place) / "venv", folder / LOCK)
            sampled = {
                file: (*words, _samples(uv, release, Path(place)), folder)
                for file, words in wanted
                if words[0] is _SAMPLES
            }
            wanted = [(file, sampled.get(file, words)) for file, words in wanted]
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                yield from pool.map(
                    lambda job: _write(folder / job[0], lambda: _gather(python, *job[1])), wanted
                )
    if not only:
        kept = {file for file, _ in jobs.values()}
        for suffix in (SCHEMA_SUFFIX, POLICIES_SUFFIX):
            for file in folder.glob(f"*{suffix}"):
                if file.name not in kept:
                    file.unlink()


def _lock(uv: str, release: Release, requirements: Path) -> str:
    dates = _dates(release.folder / "release.toml", requirements)
    version = ("--python-version", _OLDEST_PYTHON)
    made = _run((uv, "pip", "compile", *_FLAGS, *dates, *version, requirements))
    return (
        f"# OpenStack {release.name} for Python {_OLDEST_PYTHON} and newer, every file by its hash.\n"
        f"# Written by `gureum release refresh {release.name}` from {requirements.name}; "
        f"change that file instead.\n{made}"
    )


def _dates(settings: Path, requirements: Path) -> tuple[str, ...]:
    """Return uv's arguments for a release whose libraries stay those of its own days.

    What the requirements pin, the services, is exempt: their point releases come later.
    """
    if not settings.exists():
        return ()
    until = tomllib.loads(settings.read_text())["libraries_until"]
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==", requirements.read_text(), re.MULTILINE)
    exempt = [word for name in pinned for word in ("--exclude-newer-package", f"{name}=false")]
    return ("--exclude-newer", until.isoformat(), *exempt)


def _uv_lock(uv: str, release: Release) -> str:
    with tempfile.TemporaryDirectory(prefix="gureum-release-") as place:
        requirements = Path(place) / "uv.in"
        requirements.write_text("uv\n")
        made = _run((uv, "pip", "compile", *_FLAGS, "--python-version", "3.9", requirements))
    return (
        "# The installer that a host gets from pip first, by its hash.\n"
        f"# Written by `gureum release refresh {release.name}`.\n{made}"
    )


def _environment(uv: str, venv: Path, lock: Path) -> Path:
    _run((uv, "venv", "--quiet", "--python", sys.executable, venv))
    python = venv / "bin" / "python"
    _run((uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock))
    return python


def _samples(uv: str, release: Release, place: Path) -> Path:
    """Return the folder of Swift's samples, which its source has and its wheel has not."""
    version = release.version("swift")
    folder = place / f"swift-{version}"
    if not folder.exists():
        fetch = ("pip", "download", "--quiet", "--no-deps", "--no-binary", "swift", "--dest", place)
        _run((uv, "tool", "run", *fetch, f"swift=={version}"))
        with tarfile.open(place / f"swift-{version}.tar.gz") as source:
            source.extractall(place, filter="data")
    return folder / "etc"


def _gather(python: Path, *arguments: str | Path) -> str:
    made = json.loads(_run((python, "-W", "ignore", *arguments)))
    return json.dumps(made, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, make: Callable[[], str]) -> Refreshed:
    began = time.monotonic()
    text = make()
    packed = path.name.endswith(".xz")
    changed = not path.exists() or _read(path, packed) != text
    if changed:
        # Compressed bytes differ from one version of the library to the next; their content does not.
        path.write_bytes(lzma.compress(text.encode(), preset=9) if packed else text.encode())
    return Refreshed(path.name, changed, time.monotonic() - began, path.stat().st_size)


def _read(path: Path, packed: bool) -> str:
    content = path.read_bytes()
    return (lzma.decompress(content) if packed else content).decode()


def _run(command: tuple[str | Path, ...]) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise GureumError(
            f"{Path(command[0]).name} failed with exit code {done.returncode}",
            detail="\n".join(done.stderr.strip().splitlines()[-15:]),
            hint=f"run it by itself: {' '.join(map(str, command))}",
        )
    return done.stdout


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise GureumError("uv is not installed", hint="./run gureum release refresh brings its own")
    return found
