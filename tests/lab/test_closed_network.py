"""Hosts that reach nobody install from a bundle, and from nowhere else (R-PREP-9).

The packages are made on the spot and weigh nothing; apt, pip, uv, SSH and the lab are real. How a
whole cloud is built, changed and repaired this way is what `benchmarks/closed.py` shows.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.made.packages import mirror, wheel

from gureum.apply import Result, run
from gureum.apply.journal import Journal
from gureum.bundle import wheels
from gureum.bundle.create import create
from gureum.bundle.needs import Needs
from gureum.bundle.serve import open_server
from gureum.bundle.systems import system
from gureum.errors import BundleError, GureumError
from gureum.hosts import Connections, Target
from gureum.images.guest_image import GuestImage, digest
from gureum.lab import Image, Lab, apt_settings, firewall
from gureum.lab.network import table
from gureum.model.cloud import Cloud
from gureum.operate.bundle_way import bundle_way
from gureum.plan import make_plan, read_steps
from gureum.releases import Release, load_release
from gureum.steps.states import PackagesInstalled, VenvInstalled
from gureum.steps.step import Step

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]
On = Callable[[Lab, str, str], str]
VENV = "/opt/gureum/small"


@dataclass
class Closed:
    """A closed lab with one host, a small bundle, and the steps that install all of it."""

    lab: Lab
    folder: Path
    lock: str
    root: Path

    def install(self, place: str | None = None) -> Result:
        """Apply both steps from the bundle at a place, the way an apply of a cloud does."""
        place = place or str(self.folder)
        uv = load_release("2026.2").uv_lock
        steps = (
            _step("packages", PackagesInstalled(names=("outer",), bundle=place)),
            _step("venv", VenvInstalled(path=VENV, lock=self.lock, uv_lock=uv, bundle=place)),
        )
        cloud = Cloud.model_validate(
            {"hosts": {"one": {"roles": ["controller"]}}, "packages": {"bundle": place}}
        )
        host = self.lab.host("one")
        target = Target(
            name="one",
            connection="lab",
            address=str(host.address),
            identity=self.lab.ssh_identity,
            known_hosts=(self.lab.known_hosts,),
        )
        with Connections() as connections:
            sessions = connections.open([target])
            plan = make_plan(steps, read_steps(steps, sessions))
            journal = Journal(self.root / "journal.jsonl")
            changing = [step for step in steps if plan.by_key[step.key].drift]
            with bundle_way(cloud, changing, sessions, {"one": "debian-13"}, print):
                return run(steps, sessions, plan=plan, journal=journal, emit=lambda _: None)


def _step(name: str, state: PackagesInstalled | VenvInstalled) -> Step:
    return Step(id=name, host="one", state=state, why="a closed host has it", timeout=120)


@pytest.fixture(scope="module")
def closed(
    lab_folder: Path, base_image: Image, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Closed]:
    root = tmp_path_factory.mktemp("closed")
    (root / "release").mkdir()
    lock = wheel(root / "index", "thing") + wheel(root / "index", "part")
    (root / "release/requirements.lock").write_text(lock)
    (root / "release/uv.lock").write_text(load_release("2026.2").uv_lock)
    (root / "guest").write_bytes(b"a disk")
    guest = GuestImage(path=root / "guest", sha256=digest(root / "guest"), size=6)
    with pytest.MonkeyPatch.context() as patch:
        sources = mirror(root / "mirror", outer="1.0", inner="2.0")
        patch.setattr(apt_settings, "sources", lambda _: sources)
        patch.setattr(wheels, "REQUIREMENTS", root / "none")
        patch.setenv("PIP_FIND_LINKS", f"{root / 'index'} {os.environ.get('PIP_FIND_LINKS', '')}")
        needs = Needs(Release("2026.2", root / "release"), (("outer",),))
        debian = system("debian-13")
        create(root / "b", root / "work", debian, needs, guest=lambda: guest, say=print)
    lab = Lab("closed", lab_folder / "closed", Path("/var/cache/gureum"), print)
    lab.internet = False
    try:
        lab.create({"one": base_image})
        yield Closed(lab, root / "b", lock, root)
    finally:
        lab.destroy()


def counted(closed: Closed) -> dict[str, int]:
    return firewall.counted(table(closed.lab.id))


def test_a_closed_host_reaches_nobody(closed: Closed, on: On) -> None:
    """R-PREP-9: no mirror, no name server, no index is known there, and no packet gets out."""
    before = counted(closed)
    known = "cat /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/pip.conf /etc/resolv.conf"
    assert on(closed.lab, "one", f"{known} 2>/dev/null || true") == ""
    assert "index" not in on(closed.lab, "one", "env; cat /etc/environment || true").lower()
    on(closed.lab, "one", f"ping -c1 -W2 {closed.lab.management[1]}")
    route = subprocess.run(
        ["ip", "-4", "-o", "address", "show", "scope", "global"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    others = [
        line.split()[3].split("/")[0] for line in route.splitlines() if closed.lab.id not in line
    ]
    for address in ("192.0.2.1", *others[:1]):
        on(closed.lab, "one", f"! ping -c1 -W1 {address} >/dev/null")
    after = counted(closed)
    assert after["refused"] >= before["refused"] + 1 + len(others[:1])
    assert after["left"] == 0


def test_it_installs_changes_and_repairs_from_a_folder(closed: Closed, on: On) -> None:
    """R-PREP-9: through SSH alone; what somebody removed comes back the same way."""
    closed.install().raise_for_failures()
    assert (
        on(closed.lab, "one", "cat /usr/share/outer.version /usr/share/inner.version") == "1.02.0"
    )
    python = f"{VENV}/bin/python -c 'import thing, part; print(thing.version)'"
    assert on(closed.lab, "one", python) == "1.0\n"
    # Sources of the host are left alone, and are not looked at: this one would take a minute.
    on(closed.lab, "one", "echo 'deb http://192.0.2.1/debian x main' > /etc/apt/sources.list")
    on(closed.lab, "one", f"dpkg -P outer inner; rm {VENV}/lib/python3*/site-packages/thing.py")
    again = closed.install()
    again.raise_for_failures()
    assert {outcome.status.value for outcome in again.steps.values()} == {"changed"}
    assert on(closed.lab, "one", "cat /usr/share/outer.version") == "1.0"
    assert on(closed.lab, "one", python) == "1.0\n"
    third = closed.install()
    assert {outcome.status.value for outcome in third.steps.values()} == {"unchanged"}
    assert counted(closed)["left"] == 0


def test_it_installs_from_a_server(closed: Closed, on: On) -> None:
    """R-PREP-9: `gureum bundle serve` on a machine that hosts reach."""
    server = open_server(closed.folder, str(closed.lab.management[1]), 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        on(closed.lab, "one", "dpkg -P outer 2>/dev/null")
        url = f"http://{closed.lab.management[1]}:{server.port}"
        closed.install(url).raise_for_failures()
        assert url in on(closed.lab, "one", "cat /var/lib/gureum/bundle/sources.list")
        assert on(closed.lab, "one", "cat /usr/share/outer.version") == "1.0"
    finally:
        server.shutdown()
        server.server_close()
    assert counted(closed)["left"] == 0


def test_an_altered_package_is_not_installed(closed: Closed, on: On) -> None:
    """R-PREP-9: a checksum stands between every file of the bundle and the host."""
    path = closed.folder / "debian/pool/outer_1.0_amd64.deb"
    sound = path.read_bytes()
    on(closed.lab, "one", "dpkg -P outer 2>/dev/null")
    path.write_bytes(sound[:-1] + b"!")
    try:
        with pytest.raises(GureumError) as caught:
            closed.install().raise_for_failures()
        assert "Hash Sum mismatch" in f"{caught.value.summary} {caught.value.detail}"
        on(closed.lab, "one", "! ls /usr/share/outer.version 2>/dev/null")
    finally:
        path.write_bytes(sound)


def test_what_a_bundle_lacks_is_told_before_anything_is_done(closed: Closed) -> None:
    """R-PREP-9: named on gureum's machine, with the command that gathers it."""
    closed.lock += "gone==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"
    with pytest.raises(BundleError, match="lacks 1 of the packages") as caught:
        closed.install()
    assert caught.value.detail == "gone 1.0"
    assert caught.value.hint == f"gureum bundle create {closed.folder}"
