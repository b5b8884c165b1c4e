"""A root of apt's own for one operating system: apt resolves there, and nothing is installed.

apt is told of the machine's mirrors for that system and of a host on which nothing is installed, so
what it resolves is complete. Proxies, credentials and timeouts stay the machine's own settings.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from gureum.bundle.systems import ARCHITECTURE, System
from gureum.errors import BundleError

ESSENTIAL = ("?essential", "apt")
"""What every installation has; a root file system is made of it."""
RETRIES = 3
"""How often a mirror that did not answer is asked again, after 1, 2 and 4 seconds."""
_OFFER = re.compile(
    r"^'(?P<uri>[^']+)' (?P<name>\S+) (?P<size>\d+) SHA256:(?P<sha256>[0-9a-f]{64})$"
)


@dataclass(frozen=True)
class Offer:
    """A package as a mirror offers it: where, under which name apt keeps it, and its checksum."""

    uri: str
    cached_as: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The file's name at the mirror, which no epoch makes awkward in an address."""
        return unquote(os.path.basename(urlparse(self.uri).path)).replace(":", "%3a")

    @property
    def name(self) -> str:
        """The package's name."""
        return self.cached_as.split("_")[0]

    @property
    def version(self) -> str:
        """The package's version."""
        return unquote(self.cached_as.split("_")[1])


class AptRoot:
    """apt in a folder of its own, for one system and one set of sources."""

    def __init__(self, folder: Path, system: System, sources: str) -> None:
        self._folder = folder
        self._system = system
        self._sources = sources

    @property
    def archives(self) -> Path:
        """Where apt keeps what it downloads."""
        return self._folder / "archives"

    def prepare(self) -> None:
        """Make the folder, with its sources and the status of a host that has nothing."""
        if not shutil.which("apt-get"):
            raise BundleError(
                "this machine has no apt-get, with which packages are gathered",
                hint="make the bundle on Debian or Ubuntu",
            )
        for name in ("lists/partial", "archives/partial"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self._source_file.write_text(self._sources)
        (self._folder / "status").write_text("")

    def update(self) -> None:
        """Fetch the package lists."""
        done = self._run("apt-get", "update", "-q", "-o", "APT::Update::Error-Mode=any")
        self._check(done, "the package lists cannot be fetched")

    def resolve(self, names: Sequence[str]) -> list[Offer]:
        """Return every package that an installation of `names` on a bare system takes."""
        done = self._install("--print-uris", names)
        unknown = re.findall(r"Unable to locate package (\S+)", done.stderr)
        unknown += re.findall(r"Package '?(\S+?)'? has no installation candidate", done.stderr)
        if unknown:
            raise BundleError(
                f"{self._system.name} offers no package {', '.join(sorted(set(unknown)))}",
                detail=_sources_of(self._sources),
                hint="choose another system with --os, or add the source that has it",
            )
        self._check(done, f"packages of {self._system.name} cannot be resolved")
        lines = [line for line in done.stdout.splitlines() if line.startswith("'")]
        found = [_OFFER.match(line) for line in lines]
        if not all(found):
            raise BundleError(
                "apt names packages without a SHA-256 checksum",
                detail=lines[found.index(None)],
                hint="apt-get --version   (apt 1.6 or later is needed)",
            )
        return [
            Offer(m["uri"], m["name"], int(m["size"]), m["sha256"]) for m in found if m is not None
        ]

    def download(self, names: Sequence[str]) -> None:
        """Fetch what `resolve` names into `archives`, but for what is there already."""
        done = self._install("--download-only", names)
        if "No space left" in done.stderr + done.stdout or "enough free space" in done.stderr:
            raise no_space(self._folder)
        self._check(done, "packages cannot be fetched")

    def stanzas(self, offers: Iterable[Offer]) -> dict[tuple[str, str], str]:
        """Return (name, version) -> the paragraph of an index about each package."""
        wanted = [f"{offer.name}={offer.version}" for offer in offers]
        done = self._run("apt-cache", "show", "--no-all-versions", *wanted)
        self._check(done, "apt does not describe its packages")
        found = {}
        for paragraph in done.stdout.strip().split("\n\n"):
            name = re.search(r"^Package: (\S+)$", paragraph, re.MULTILINE)
            version = re.search(r"^Version: (\S+)$", paragraph, re.MULTILINE)
            if name and version:
                found[name[1], version[1]] = paragraph
        return found

    @property
    def _source_file(self) -> Path:
        # apt tells by the ending which of its two formats a list of sources has.
        deb822 = self._sources.startswith("Types:")
        return self._folder / ("own.sources" if deb822 else "own.list")

    def _install(self, how: str, names: Sequence[str]) -> subprocess.CompletedProcess[str]:
        command = ("install", "--yes", "-q", "--no-install-recommends", how)
        return self._run("apt-get", *command, *names)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {
            "Dir::Etc::sourcelist": self._source_file,
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State::status": self._folder / "status",
            "Dir::State::extended_states": self._folder / "extended_states",
            "Dir::State::lists": self._folder / "lists",
            "Dir::Cache": self._folder,
            # A container's apt often keeps no cache, and reads all lists anew at each question.
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
            "Dir::Cache::archives": self.archives,
            "Dir::Log": self._folder,
            "APT::Architecture": ARCHITECTURE,
            "APT::Architectures": ARCHITECTURE,
            "APT::Default-Release": "",
            "APT::Sandbox::User": "root",
            "APT::Get::AllowUnauthenticated": "false",
            "Acquire::ForceHash": "SHA256",
            "Acquire::Languages": "none",
            "Acquire::Retries": str(RETRIES),
            "Debug::NoLocking": "true",
        }
        options = [word for key, value in own.items() for word in ("-o", f"{key}={value}")]
        return subprocess.run(
            [program, *options, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        )

    def _check(self, done: subprocess.CompletedProcess[str], what: str) -> None:
        if not done.returncode:
            return
        lines = done.stderr.strip().splitlines() or done.stdout.strip().splitlines()
        told = [line for line in lines if line.startswith(("E:", "W:", "Err:"))] or lines
        raise BundleError(
            what,
            detail="\n".join([*told[-8:], _sources_of(self._sources)]),
            hint="see whether this machine reaches its mirrors: apt-get update",
        )


def no_space(folder: Path) -> BundleError:
    """Return the error of a disk that is full."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free // 2**20
    return BundleError(
        f"the disk of {folder} is full: {free} MB are free",
        detail="what was gathered so far is kept, and the same command goes on with it",
        hint=f"df -h {there}",
    )


def _sources_of(sources: str) -> str:
    places = re.findall(r"^URIs: (.+)$", sources, re.MULTILINE)
    return f"sources: {', '.join(dict.fromkeys(places)) or 'none'}"
