"""Gathers the files that a lock names for one system, fetched by pip and checked by their hashes."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from gureum.bundle.apt_root import no_space
from gureum.bundle.manifest import BundleFile, Kind, digest_of
from gureum.bundle.python_lock import Locked, locked, missing, project_of
from gureum.bundle.systems import System
from gureum.errors import BundleError
from gureum.releases import Release

FOLDER = "wheels"
REQUIREMENTS = Path(__file__).parents[3] / "requirements"
"""The locks of gureum itself, where it runs from a checkout."""
_BUILD = ("setuptools", "wheel")

Say = Callable[[str], None]


def gather(folder: Path, system: System, release: Release, say: Say) -> list[BundleFile]:
    """Bring every file that the release's locks and gureum's own name into the bundle.

    Most are wheels. A project that publishes none comes as its source, with what builds it.
    """
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    wanted = list(everything(system, release))
    there = _digests(place)
    lacking = missing(wanted, there.values())
    if lacking:
        say(f"fetching {len(lacking)} of {len(wanted)} Python packages")
        _download(place, system, lacking)
        there = _digests(place)
        if left := missing(wanted, there.values()):
            names = ", ".join(f"{entry.name} {entry.version}" for entry in left[:5])
            raise BundleError(
                f"pip brought no file of {names} that the lock names",
                hint="run the same command again",
            )
    known = {digest for entry in wanted for digest in entry.hashes}
    kept = {path: digest for path, digest in there.items() if digest in known}
    builders = _builders(place, [path for path in kept if path.suffix != ".whl"], say)
    kept |= {path: digest_of(path) for path in builders}
    return [_file(path, digest) for path, digest in sorted(kept.items())]


def everything(system: System, release: Release) -> Iterator[Locked]:
    """Yield each package that hosts, and gureum's own machine, take from an index."""
    found: dict[tuple[str, str], Locked] = {}
    own = [path.read_text() for path in _own_locks()]
    for text in (release.lock, release.uv_lock, *own):
        for entry in locked(text, system):
            before = found.get((entry.name, entry.version))
            hashes = entry.hashes | (before.hashes if before else frozenset())
            found[entry.name, entry.version] = Locked(entry.name, entry.version, hashes)
    yield from found.values()


def page(files: Iterable[BundleFile]) -> str:
    """Return the page of links that pip and uv find packages by."""
    links = "".join(
        f'<a href="{quote(Path(f.path).name)}#sha256={f.sha256}">{html.escape(Path(f.path).name)}</a><br>\n'
        for f in sorted(files)
    )
    return (
        f"<!DOCTYPE html>\n<html><head><title>wheels</title></head><body>\n{links}</body></html>\n"
    )


def build_constraints(files: Iterable[BundleFile], lock: frozenset[str]) -> str:
    """Return, as constraints with hashes, what builds the packages that come as source."""
    return "".join(
        f"{file.name}=={file.version} --hash=sha256:{file.sha256}\n"
        for file in sorted(files)
        if file.sha256 not in lock
    )


def _own_locks() -> list[Path]:
    return [
        path
        for name in ("bootstrap", "runtime")
        if (path := REQUIREMENTS / f"{name}.lock").exists()
    ]


def _file(path: Path, digest: str) -> BundleFile:
    name, version = project_of(path)
    return BundleFile(
        f"{FOLDER}/{path.name}", digest, path.stat().st_size, Kind.WHEEL, name, version
    )


def _digests(place: Path) -> dict[Path, str]:
    endings = (".whl", ".zip", ".tar.gz", ".tar.bz2", ".tar.xz")
    files = [path for path in place.iterdir() if path.name.endswith(endings)]
    return {path: digest_of(path) for path in files}


def _download(place: Path, system: System, wanted: Iterable[Locked]) -> None:
    version = ".".join(system.python.split(".")[:2])
    compact = version.replace(".", "")
    target = [
        *("--python-version", version, "--implementation", "cp"),
        *(word for abi in (f"cp{compact}", "abi3", "none") for word in ("--abi", abi)),
        *(word for name in system.platforms for word in ("--platform", name)),
    ]
    with tempfile.TemporaryDirectory(prefix="gureum-bundle-") as scratch:
        lock = Path(scratch) / "wanted.lock"
        lock.write_text("".join(f"{entry.requirement}\n" for entry in wanted))
        _pip(place, "--no-deps", "--require-hashes", *target, "-r", str(lock))


def _builders(place: Path, sources: list[Path], say: Say) -> list[Path]:
    """Fetch what builds packages that come as source, and return all of it.

    Each comes in the newest version that the source asks for; a host builds without a compiler or
    not at all, as it would with an index.
    """
    if not sources:
        return []
    wanted = sorted({word for path in sources for word in (*_BUILD, *_build_requirements(path))})
    before = {path.name for path in place.iterdir()}
    names = {re.split(r"[\s<>=!~;\[]", word)[0].lower() for word in wanted}
    there = [p for p in place.glob("*.whl") if project_of(p)[0] in names]
    if names - {project_of(path)[0] for path in there}:
        say(f"fetching what builds {', '.join(project_of(path)[0] for path in sources)}")
        _pip(place, "--only-binary=:all:", *wanted)
        there += [place / name for name in {p.name for p in place.iterdir()} - before]
    return sorted(set(there))


def _build_requirements(source: Path) -> list[str]:
    """Return what the `pyproject.toml` of a source archive says it is built with."""
    text = b""
    if source.suffix == ".zip":
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                if re.fullmatch(r"[^/]+/pyproject\.toml", name):
                    text = archive.read(name)
    else:
        with tarfile.open(source) as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file and re.fullmatch(r"(\./)?[^/]+/pyproject\.toml", member.name):
                    text = file.read()
    found = tomllib.loads(text.decode(errors="replace")).get("build-system", {})
    return [str(word) for word in found.get("requires", ())]


def _pip(place: Path, *arguments: str) -> None:
    quiet = ("--disable-pip-version-check", "--no-input", "-q", "-q")
    command = (sys.executable, "-m", "pip", "download", *quiet, "--dest", str(place))
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    if not done.returncode:
        return
    if "No module named pip" in done.stderr:
        raise BundleError(
            "this Python has no pip, with which wheels are fetched",
            hint=f"{sys.executable} -m ensurepip",
        )
    if "No space left" in done.stderr:
        raise no_space(place)
    told = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    raise BundleError(
        "Python packages cannot be fetched",
        detail="\n".join((told or done.stderr.strip().splitlines())[-6:]),
        hint="see whether this machine reaches its package index: pip config list",
    )
