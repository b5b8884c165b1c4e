"""Labs for the tests that need real hosts: apart from the labs of others on the same machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gureum.lab import Image, Lab

CACHE = Path("/var/cache/gureum")


@pytest.fixture(scope="module")
def lab_folder() -> Iterator[Path]:
    """A folder for labs on the machine's own disk, apart from the labs of others."""
    path = Path(f"/var/lib/gureum-test-{os.getpid()}")
    path.mkdir()
    yield path
    left = sorted(entry.name for entry in path.rglob("*"))
    shutil.rmtree(path, ignore_errors=True)
    assert left == []


@pytest.fixture(scope="module")
def base_image(lab_folder: Path) -> Image:
    lab = Lab("image", lab_folder / "image", CACHE, print)
    lab.install_tools()
    return lab.base_image()


@pytest.fixture(scope="module")
def shared_lab(lab_folder: Path, base_image: Image) -> Iterator[Lab]:
    """A lab with two hosts, which all tests share."""
    shared = Lab("shared", lab_folder / "shared", CACHE, print)
    shared.create({"one": base_image, "two": base_image})
    yield shared
    shared.destroy()


@pytest.fixture
def own_lab(lab_folder: Path) -> Iterator[Lab]:
    """An empty lab for one test."""
    own = Lab("own", lab_folder / "own", CACHE, print)
    yield own
    own.destroy()


@pytest.fixture(scope="session")
def lab_cache() -> Path:
    """Where images are kept: the machine's own cache, for making them takes time."""
    return CACHE


@pytest.fixture(scope="session")
def on() -> Callable[[Lab, str, str], str]:
    """Return a function that runs a command on a host over SSH and returns what it says."""

    def call(lab: Lab, host: str, command: str) -> str:
        options = ("-o", f"UserKnownHostsFile={lab.known_hosts}", "-o", "BatchMode=yes")
        argv = ["ssh", "-i", str(lab.ssh_identity), *options, f"root@{lab.host(host).address}"]
        done = subprocess.run([*argv, command], capture_output=True, timeout=60, check=False)
        print(done.stderr.decode())
        done.check_returncode()
        return done.stdout.decode()

    return call
