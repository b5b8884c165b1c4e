"""The test guest boots for real in QEMU, against a metadata service of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gureum.checks.vm import console
from gureum.checks.vm.shell import KeyPair
from gureum.images import GuestImage, tiny
from gureum.state.folder import cache

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not shutil.which("qemu-system-x86_64"), reason="qemu-system-x86 is not installed"
    ),
]

READY_WITHIN = 180.0
METADATA = """
import json, sys
documents = json.load(open(sys.argv[1]))
path = sys.stdin.readline().split()[1]
while sys.stdin.readline().strip():
    pass
body = documents.get(path, "").encode()
status = "200 OK" if path in documents else "404 Not Found"
head = f"HTTP/1.0 {status}\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n"
sys.stdout.buffer.write(head.encode() + body)
"""
"""Answers one HTTP request on its own stdin and stdout: QEMU starts it for each connection."""


@dataclass
class Machine:
    """A running guest: its console, its SSH port, and when it was ready."""

    process: subprocess.Popen[str]
    ssh_port: int
    began: float
    ready_after: float = 0.0
    lines: list[str] = field(default_factory=list)
    said: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Read the console until the machine is off."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if "gureum-guest ready" in line:
                self.ready_after = time.monotonic() - self.began
                self.said.set()

    def ssh(self, keys: KeyPair, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the guest."""
        flags = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
        quiet = ("-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "-F", "none")
        where = ("-p", str(self.ssh_port), "root@127.0.0.1")
        argv = ("ssh", "-i", str(keys.path), *flags, *quiet, *options, *where, command)
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)


@pytest.fixture(scope="module")
def guest() -> GuestImage:
    return tiny.build(cache(), print)


@pytest.fixture
def keys() -> Iterator[KeyPair]:
    pair = KeyPair()
    yield pair
    pair.remove()


@pytest.fixture
def documents(keys: KeyPair) -> dict[str, str]:
    described = {
        "hostname": "first-vm.novalocal",
        "keys": [{"name": "k", "type": "ssh", "data": f"{keys.public} a comment\n"}],
    }
    return {
        "/openstack/latest/meta_data.json": json.dumps(described),
        "/openstack/latest/user_data": "#!/bin/sh\necho ran > /run/marker\n",
    }


@pytest.fixture
def machine(
    guest: GuestImage, documents: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Machine]:
    (tmp_path / "metadata.py").write_text(METADATA)
    (tmp_path / "documents.json").write_text(json.dumps(getattr(request, "param", documents)))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = f"{sys.executable} {tmp_path}/metadata.py {tmp_path}/documents.json"
    network = (
        f"user,id=n,net=169.254.0.0/16,dhcpstart=169.254.5.10,hostfwd=tcp:127.0.0.1:{port}-:22,"
        f"guestfwd=tcp:169.254.169.254:80-cmd:{service}"
    )
    monitor = tmp_path / "monitor"
    process = subprocess.Popen(
        (
            *("qemu-system-x86_64", "-accel", "tcg", "-m", "128", "-display", "none", "-snapshot"),
            *("-drive", f"file={guest.path},if=virtio,format=qcow2", "-netdev", network),
            *("-device", "virtio-net-pci,netdev=n", "-device", "virtio-rng-pci"),
            *("-monitor", f"unix:{monitor},server,nowait", "-serial", "stdio"),
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    running = Machine(process, port, time.monotonic())
    thread = threading.Thread(target=running.listen, daemon=True)
    thread.start()
    try:
        assert running.said.wait(READY_WITHIN), "\n".join(running.lines)
        yield running
    finally:
        process.kill()
        process.wait()
        thread.join()
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.stdout.close()


def test_guest_is_told_and_lets_its_owner_in(machine: Machine, keys: KeyPair) -> None:
    """R-LAB-3, R-VERIFY-2: DHCP, hostname, key and user data reach the guest; SSH by key alone."""
    log = console.read("\n".join(machine.lines))
    assert (log.hostname, log.keys, log.user_data, log.metadata) == (
        "first-vm",
        1,
        "ran",
        "openstack",
    )
    assert log.address == "169.254.5.10/16"
    answer = machine.ssh(keys, "hostname; cat /run/marker; wget -q -O - http://127.0.0.1/")
    assert answer.stdout.split() == ["first-vm", "ran", "first-vm"], answer.stderr
    stranger = KeyPair()
    try:
        refused = machine.ssh(stranger, "true", "-o", "IdentitiesOnly=yes")
    finally:
        stranger.remove()
    assert refused.returncode == 255
    assert "Permission denied (publickey)" in refused.stderr
    print(f"ready {machine.ready_after:.2f} s after power on")


def test_the_power_button_ends_it(machine: Machine, tmp_path: Path) -> None:
    """R-LAB-3: nova stops a server by its power button and cuts the power only after a minute."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.connect(str(tmp_path / "monitor"))
        for _ in range(40):
            # A guest that is ready may still be loading the button's driver.
            monitor.sendall(b"system_powerdown\n")
            try:
                machine.process.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                continue
    assert machine.process.poll() == 0
    assert any("power button" in line for line in machine.lines)


@pytest.mark.parametrize("machine", [{}], indirect=True)
def test_a_guest_without_metadata_says_so_and_goes_on(machine: Machine) -> None:
    """R-LAB-3: the console tells what is missing instead of a boot that hangs."""
    log = console.read("\n".join(machine.lines))
    assert log.trouble.startswith("no-metadata:")
    assert (log.hostname, log.keys) == ("gureum-guest", 0)
    assert machine.process.stdin
    machine.process.stdin.write("\nip -4 addr show eth0\n")
    machine.process.stdin.flush()
    for _ in range(60):
        if any(re.search(r"inet 169\.254\.5\.10/16", line) for line in machine.lines):
            return
        time.sleep(0.25)
    pytest.fail("\n".join(machine.lines))


@pytest.mark.parametrize(
    "machine",
    [
        {
            "/2009-04-04/meta-data/hostname": "old-style\n",
            "/2009-04-04/meta-data/public-keys/0/openssh-key": "ssh-ed25519 AAAA x\n",
            "/2009-04-04/user-data": "just text",
        }
    ],
    indirect=True,
)
def test_a_guest_reads_the_older_metadata_too(machine: Machine) -> None:
    log = console.read("\n".join(machine.lines))
    assert (log.metadata, log.hostname, log.keys, log.user_data) == ("ec2", "old-style", 1, "kept")


def test_a_second_build_takes_the_first(guest: GuestImage, tmp_path: Path) -> None:
    """R-LAB-3: cached by content, and a damaged copy is built anew."""
    told: list[str] = []
    began = time.monotonic()
    assert tiny.build(cache(), told.append) == guest
    assert told == []
    assert time.monotonic() - began < 5
    # Damaged in a cache of its own: clouds take their guest from the machine's at any time.
    own = tmp_path / "cache"
    shutil.copytree(cache() / "packages", own / "packages")
    for name in ("offered.json", guest.path.name, f"{guest.path.stem}.json"):
        shutil.copy(cache() / name, own / name)
    assert tiny.build(own, told.append).size == guest.size
    assert told == []
    os.truncate(own / guest.path.name, 4096)
    assert tiny.build(own, told.append).size == guest.size
    assert any("building" in line for line in told)
