"""Labs for the tests that need real hosts: apart from the labs of others on the same machine."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gureum.lab import Image, Lab
from gureum.state.folder import CloudFolder

CACHE = Path("/var/cache/gureum")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The distribution's own browser, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page in a fresh browser, without cookies of another test."""
    # The browser need not know the cloud's authority: that TLS leads to it is a check's business.
    context = chromium.new_context(
        ignore_https_errors=True, viewport={"width": 1280, "height": 900}
    )
    yield context.new_page()
    context.close()


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
    try:
        shared.create({"one": base_image, "two": base_image})
        yield shared
    finally:
        # Whoever breaks off the tests while it is made leaves nothing behind either.
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


class StandingCloud:
    """A cloud that `gureum up` built, driven the way a user drives it: by the command line."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.home = home
        self.folder = CloudFolder(name, home)
        self.up_output = ""
        self.base = home / "base.yaml"
        """The input that the tests' all-in-one was built from, for those that change it."""

    def gureum(
        self, *arguments: str, check: bool = True, timeout: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of gureum for this cloud, e.g. `gureum("openstack", "server", "list")`."""
        words = 2 if arguments[0] in ("lab", "config", "policy", "service", "host", "image") else 1
        options = ("--cloud", self.name)
        argv = [sys.executable, "-m", "gureum", *arguments[:words], *options, *arguments[words:]]
        environment = {**os.environ, "GUREUM_HOME": str(self.home), "NO_COLOR": "1"}
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=timeout, env=environment, check=False
        )
        print(f"$ {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def up(self, *words: str) -> None:
        """Build the cloud and keep what `up` said."""
        self.up_output = self.gureum("up", *words, timeout=1500).stdout

    def back(self) -> subprocess.CompletedProcess[str]:
        """Apply the all-in-one's own input again, after a test that changed it."""
        return self.gureum("apply", "--file", str(self.base))

    def ssh(self, host: str, command: str) -> str:
        """Return what a shell line says on a host."""
        return self.gureum("ssh", host, command).stdout

    def verification(self) -> dict[str, Any]:
        """Return the last verification's report."""
        found: dict[str, Any] = json.loads((self.folder.path / "verify.json").read_text())
        return found


@pytest.fixture(scope="session")
def built_cloud() -> Callable[..., contextlib.AbstractContextManager[StandingCloud]]:
    """Return what builds a cloud of a test's own: a name, and the words of `gureum up`."""
    return built


@pytest.fixture(scope="session")
def unbuilt() -> Callable[[str], contextlib.AbstractContextManager[StandingCloud]]:
    """Return what gives a test a cloud that it builds itself, and takes it down in the end."""
    return taken_down


@pytest.fixture(scope="session")
def cloud() -> Iterator[StandingCloud]:
    """One all-in-one cloud for every test that needs a whole one; `down` must leave nothing."""
    with built("t") as standing:
        yield standing


@pytest.fixture(scope="session")
def three() -> Iterator[StandingCloud]:
    """One cloud of controller, network and compute on three hosts, for every test that needs it."""
    with built("three", "--shape", "three-node") as standing:
        yield standing


@contextlib.contextmanager
def built(name: str, *words: str) -> Iterator[StandingCloud]:
    """Build a cloud as a user would, give it, and take it down again: nothing may be left."""
    with taken_down(name) as standing:
        standing.up(*words)
        yield standing


@contextlib.contextmanager
def taken_down(name: str) -> Iterator[StandingCloud]:
    """Give a cloud that is not built yet, and take it down in the end: nothing may be left."""
    home = Path(f"/var/lib/gureum-test-cloud-{name}-{os.getpid()}")
    before = machine_state()
    standing = StandingCloud(name, home)
    home.mkdir()
    hosts = "  one: {roles: [controller, network, compute]}\n"
    standing.base.write_text(f"name: {name}\nhosts:\n{hosts}")
    try:
        yield standing
    finally:
        # Whoever breaks off the tests leaves no cloud behind either.
        standing.gureum("down", check=False)
        # Labs of others may come and go meanwhile; what is this one's bears its id or its folder.
        ours = (Lab(name, home / "lab" / name, CACHE, print).id, str(home))
        left = {line for line in machine_state() - before if any(mark in line for mark in ours)}
        shutil.rmtree(home, ignore_errors=True)
    assert not left


def machine_state() -> set[str]:
    """Return what a cloud could leave on this machine, one line each."""
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True)
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    loops = subprocess.run(["losetup", "-a"], capture_output=True, text=True, check=True)
    mounts = Path("/proc/mounts").read_text()
    processes = [
        f"process {_bytes_of(path).split(bytes(1))[0].decode(errors='replace')}"
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"gureum-test-cloud" in _bytes_of(path)
    ]
    return {
        *(f"link {line.split(': ')[1].split('@')[0]}" for line in links.stdout.splitlines()),
        *tables.stdout.splitlines(),
        *(f"loop {line}" for line in loops.stdout.splitlines()),
        *(f"mount {line.split()[1]}" for line in mounts.splitlines()),
        *(f"namespace {path.name}" for path in Path("/run/netns").glob("*")),
        *processes,
    }


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
