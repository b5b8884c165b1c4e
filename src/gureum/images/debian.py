"""Fetches packages of this machine's own distribution without installing them.

apt knows the mirrors, the keys and the proxy of this machine; `apt-get download` verifies what it
brings and needs no root.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import LabError

Say = Callable[[str], None]


class OutdatedError(LabError):
    """apt cannot bring a version that it knows: most often the mirror has a newer one by now."""


@dataclass(frozen=True)
class Package:
    """A package as the distribution offers it now."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}={self.version}"


def offered(names: Sequence[str], say: Say) -> dict[str, Package]:
    """Return the newest offered version of each package; refreshes apt's lists if one is unknown."""
    found = _known(names)
    missing = [name for name in names if name not in found]
    if missing and os.geteuid() == 0:
        say(f"apt-get update ({', '.join(missing)} not known yet)")
        refresh()
        found = _known(names)
        missing = [name for name in names if name not in found]
    if missing:
        raise LabError(
            f"the distribution offers no package {', '.join(missing)}",
            detail="the test guest is made of this machine's own packages (Debian 12 or 13, amd64)",
            hint=f"apt-get update && apt-cache policy {' '.join(missing)}",
        )
    return found


def dependencies(name: str, pattern: str) -> list[str]:
    """Return the packages that a package needs, and they in turn, whose names match `pattern`."""
    options = ("--recurse", "--important", "--no-pre-depends")
    listed = _run("apt-cache", "depends", *options, name)
    return sorted(set(re.findall(rf"^\s+Depends: ({pattern})$", listed, re.MULTILINE)))


def refresh() -> None:
    """Have apt learn what the distribution offers now; needs root."""
    _run("apt-get", "update", "-q")


def lists_stamp() -> str:
    """Return what changes whenever apt learns of other packages: the state of its lists.

    Each question to apt costs most of a second, in which it reads all of its lists anew.
    """
    folder = Path("/var/lib/apt/lists")
    known = [folder, Path("/etc/apt"), Path("/etc/apt/sources.list.d"), *folder.glob("*Packages*")]
    marks = [f"{path} {path.stat().st_mtime_ns}" for path in sorted(known) if path.exists()]
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


def download(packages: Iterable[Package], cache: Path, say: Say) -> dict[str, Path]:
    """Return the .deb of each package, fetched into `cache` where it is not there yet."""
    cache.mkdir(parents=True, exist_ok=True)
    paths = {
        package: cache / f"{package.name}_{quoted(package.version)}.deb" for package in packages
    }
    wanted = [package for package, path in paths.items() if not path.exists()]
    if wanted:
        say(f"apt-get download {' '.join(package.name for package in wanted)}")
        inbox = cache / f".download-{os.getpid()}"
        inbox.mkdir(exist_ok=True)
        try:
            # apt's own user cannot write into a private folder; apt says so and fetches as root.
            options = ("-o", "APT::Sandbox::User=root")
            command = ("apt-get", "download", "-q", *options, *map(str, wanted))
            try:
                _run(*command, folder=inbox)
            except LabError as error:
                raise OutdatedError(
                    error.summary, detail=error.detail, hint="apt-get update"
                ) from None
            for package in wanted:
                match = next(inbox.glob(f"{package.name}_*.deb"))
                match.replace(paths[package])
        finally:
            shutil.rmtree(inbox, ignore_errors=True)
    return {package.name: path for package, path in paths.items()}


def contents(deb: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the regular files of a .deb whose path (without leading ./) is `wanted`.

    A wanted symbolic link comes as the file it points to, where that is in the package too.
    """
    command = ("dpkg-deb", "--fsys-tarfile", str(deb))
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        deb.unlink(missing_ok=True)
        raise LabError(
            f"{deb.name} is damaged",
            detail=done.stderr.decode(errors="replace").strip(),
            hint="run the same command again: the package is fetched anew",
        )
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        members = {member.name.removeprefix("./"): member for member in archive}
        for path, member in members.items():
            if not wanted(path):
                continue
            real = members.get(_target(path, member)) if member.issym() else member
            source = archive.extractfile(real) if real and real.isfile() else None
            if source:
                found[path] = source.read()
    return found


def install_missing(tools: dict[str, str], say: Say) -> None:
    """Install the package of each program (program -> package) that this machine lacks."""
    missing = sorted({package for program, package in tools.items() if not shutil.which(program)})
    if not missing:
        return
    command = ("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing)
    if os.geteuid() != 0:
        raise LabError(
            f"{', '.join(missing)} are not installed",
            detail="the test guest is built with them, and only root may install packages",
            hint=f"sudo {' '.join(command)}",
        )
    say(f"installing {', '.join(missing)} from the distribution")
    offered(missing, say)
    _run(*command)


def quoted(version: str) -> str:
    """Return a version as it may stand in a file name."""
    return re.sub(r"[^A-Za-z0-9.+~-]", "_", version)


def _target(path: str, member: tarfile.TarInfo) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(path), member.linkname)).lstrip("/")


def _known(names: Sequence[str]) -> dict[str, Package]:
    command = ("apt-cache", "--no-all-versions", "show", *names)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise LabError(
            "this machine has no apt",
            detail="the test guest is built from Debian's packages",
            hint="run gureum on Debian 12 or 13",
        ) from None
    pairs = re.findall(
        r"^Package: (\S+)$.*?^Version: (\S+)$", done.stdout, re.DOTALL | re.MULTILINE
    )
    return {name: Package(name, version) for name, version in pairs if name in names}


def _run(*command: str, folder: Path | None = None) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    if done.returncode:
        raise LabError(
            f"{' '.join(command[:2])} failed with exit {done.returncode}",
            detail="\n".join((done.stderr or done.stdout).strip().splitlines()[-8:]),
            hint=" ".join(command),
        )
    return done.stdout
