"""Packages made on the spot: a mirror of Debian packages and a folder of wheels, both of a few KB."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

BARE = ("base-files", "apt")
"""What every made-up system has: the first is essential."""


@dataclass(frozen=True)
class Deb:
    """A Debian package: its file's name, its bytes, and what an index says of it."""

    file: str
    content: bytes
    control: str


@functools.cache
def deb(name: str, version: str = "1.0", depends: str = "", marks: str = "") -> Deb:
    """Make a Debian package that holds one file, /usr/share/NAME, with its version in it."""
    lines = [f"Package: {name}", f"Version: {version}", "Architecture: amd64", "Priority: optional"]
    lines += ["Maintainer: nobody <nobody@example.org>", "Description: made for a test"]
    lines += [f"Depends: {depends}"] if depends else []
    lines += [marks] if marks else []
    control = "\n".join(lines) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        root, made = Path(folder) / "root", Path(folder) / "made.deb"
        (root / "DEBIAN").mkdir(parents=True)
        (root / "usr/share").mkdir(parents=True)
        (root / "usr/share" / f"{name}.version").write_text(version)
        (root / "DEBIAN/control").write_text(control)
        command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(root), str(made)]
        # The same package is the same bytes whenever it is made.
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "946684800"}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        plain = version.rsplit(":", maxsplit=1)[-1]
        return Deb(f"{name}_{plain}_amd64.deb", made.read_bytes(), control)


def mirror(folder: Path, **versions: str) -> str:
    """Make a mirror of packages (name -> version) and return apt's source of it.

    `outer` depends on `inner`, so that a list of one package takes two.
    """
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    made = [deb("base-files", "13", marks="Essential: yes"), deb("apt", "3.0")]
    made += [
        deb(name, version, depends="inner" if name == "outer" else "")
        for name, version in versions.items()
    ]
    stanzas = []
    for one in sorted(made, key=lambda one: one.file):
        (folder / one.file).write_bytes(one.content)
        digest = hashlib.sha256(one.content).hexdigest()
        stanzas.append(
            f"{one.control}Filename: ./{one.file}\nSize: {len(one.content)}\nSHA256: {digest}\n"
        )
    text = "\n".join(stanzas)
    (folder / "Packages").write_text(text)
    size, digest = len(text.encode()), hashlib.sha256(text.encode()).hexdigest()
    # Without a date that moves, apt would take an index of the same second for the one it has.
    (folder / "Release").write_text(
        f"Date: Sat, 01 Jan 2000 00:00:00 UTC\nSHA256:\n {digest} {size} Packages\n"
    )
    return f"Types: deb\nURIs: copy:{folder}\nSuites: ./\nTrusted: yes\n"


def wheel(folder: Path, name: str, version: str = "1.0") -> str:
    """Make a wheel with one module and return its entry of a lock."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{place},{_record(text)}\n" for place, text in files.items())
    with zipfile.ZipFile(path, "w") as out:
        for place, text in files.items():
            out.writestr(zipfile.ZipInfo(place), text)
        out.writestr(zipfile.ZipInfo(f"{info}/RECORD"), f"{record}{info}/RECORD,,\n")
    return _entry(name, version, path)


def source_archive(folder: Path, name: str, version: str, requires: str) -> Path:
    """Make a source archive whose pyproject.toml says what builds it."""
    path = folder / f"{name}-{version}.tar.gz"
    text = f'[build-system]\nrequires = ["{requires}"]\n'.encode()
    with tarfile.open(path, "w:gz") as out:
        member = tarfile.TarInfo(f"{name}-{version}/pyproject.toml")
        member.size = len(text)
        out.addfile(member, io.BytesIO(text))
    return path


def _entry(name: str, version: str, path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"


def _record(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return f"sha256={digest},{len(text.encode())}"
