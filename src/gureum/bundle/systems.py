"""The operating systems that bundles are made for, as far as wheels and packages ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gureum.diagnostics import did_you_mean
from gureum.errors import BundleError

ARCHITECTURE = "amd64"


@dataclass(frozen=True)
class System:
    """One operating system: its codename, its Python, its C library (2.`glibc`)."""

    name: str
    codename: str
    python: str
    glibc: int

    @property
    def platforms(self) -> Iterator[str]:
        """The platforms whose wheels run here, as wheels name them, the newest first."""
        for minor in range(self.glibc, 4, -1):
            yield f"manylinux_2_{minor}_x86_64"
        for old in ("manylinux2014", "manylinux2010", "manylinux1", "linux"):
            yield f"{old}_x86_64"

    @property
    def markers(self) -> dict[str, str]:
        """What a lock's environment markers are judged by."""
        short = ".".join(self.python.split(".")[:2])
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python,
            "os_name": "posix",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.python,
            "python_version": short,
            "sys_platform": "linux",
            "extra": "",
        }


SYSTEMS = {
    "debian-12": System("debian-12", "bookworm", "3.11.2", 36),
    "debian-13": System("debian-13", "trixie", "3.13.5", 41),
}


def system(name: str) -> System:
    """Return an operating system by name; raises BundleError that names those there are."""
    if name not in SYSTEMS:
        raise BundleError(
            f"bundles cannot be made for {name!r}",
            hint=did_you_mean(name, SYSTEMS) or f"choose one of: {', '.join(SYSTEMS)}",
        )
    return SYSTEMS[name]
