"""The lab, tried for real: hosts that boot, answer, are snapshot and restored."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gureum.errors import LabError
from gureum.lab import Image, Lab, LabHost, kept_images
from gureum.lab import console as lab_console

On = Callable[[Lab, str, str], str]
"""Runs a command on a host over SSH and returns what it says."""

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]


def test_hosts_are_reached_and_reach_the_outside(shared_lab: Lab, on: On) -> None:
    """R-LAB-1: hosts boot a real systemd, answer on SSH, and have the machine's ways out."""
    for host in shared_lab.hosts():
        assert on(shared_lab, host.name, "hostname -f").strip() == host.name
        assert on(shared_lab, host.name, "systemctl is-system-running --wait").strip() == "running"
        assert host.address in shared_lab.management
        on(shared_lab, host.name, f"ping -c1 -W1 {shared_lab.management[1]}")
    one, two = shared_lab.hosts()
    on(shared_lab, "one", f"ping -c1 -W1 {two.address}")
    on(shared_lab, "one", "apt-get update -qq -o APT::Update::Error-Mode=any")
    assert on(shared_lab, "one", "cat /etc/machine-id") != on(
        shared_lab, "two", "cat /etc/machine-id"
    )
    assert not shared_lab.management.overlaps(shared_lab.provider)
    assert {one.provider_nic, two.provider_nic} == {"eth1"}


def test_provider_nic_is_bare_and_hides_no_checksum(shared_lab: Lab, on: On) -> None:
    """R-LAB-1: eth1 is up without an address; its outer end leaves no checksum unfinished."""
    host = shared_lab.host("one")
    assert "inet" not in on(shared_lab, "one", "ip address show eth1")
    assert "state UP" in on(shared_lab, "one", "ip link show eth1")
    told = subprocess.check_output(["ethtool", "-k", host.provider_link], text=True)
    assert "tx-checksumming: off" in told
    assert "tcp-segmentation-offload: off" in told
    inside = on(shared_lab, "one", "cat /sys/class/net/eth0/mtu /sys/class/net/eth1/mtu").split()
    outside = Path(f"/sys/class/net/{shared_lab.id}-m/mtu").read_text().strip()
    assert set(inside) == {outside}


def test_systemd_of_one_host_does_not_see_the_other(shared_lab: Lab, on: On) -> None:
    """R-LAB-1: hosts have control groups of their own, so units of the same name are apart."""
    before = on(shared_lab, "two", "systemctl show --value -p MainPID ssh").strip()
    on(shared_lab, "one", "systemctl restart ssh")
    assert on(shared_lab, "two", "systemctl show --value -p MainPID ssh").strip() == before
    assert before != "0"


def test_console_needs_no_network(shared_lab: Lab) -> None:
    """R-LAB-1: the console works where the network does not."""
    host = shared_lab.host("two")
    subprocess.run(["ip", "link", "set", host.management_link, "down"], check=True)
    try:
        argv = lab_console.command(host, "hostname")
        assert subprocess.check_output(argv, text=True) == "two\n"
    finally:
        subprocess.run(["ip", "link", "set", host.management_link, "up"], check=True)


def test_create_again_keeps_running_hosts(shared_lab: Lab, base_image: Image) -> None:
    """R-LAB-1: hosts that run are left alone."""
    before = [host.leader_pid for host in shared_lab.hosts()]
    shared_lab.create({"one": base_image, "two": base_image})
    assert [host.leader_pid for host in shared_lab.hosts()] == before


def test_stop_is_clean_and_kill_is_not(shared_lab: Lab, on: On) -> None:
    """R-LAB-1: a host can be powered off and cut off, and started again."""
    host = shared_lab.host("two")
    on(
        shared_lab,
        "two",
        "systemd-run -q --unit=mark -p ExecStop='/usr/bin/touch /root/ended' sleep 999",
    )
    shared_lab.stop(host)
    assert not host.running
    assert not Path(f"/sys/class/net/{host.management_link}").exists()
    shared_lab.start(host)
    on(
        shared_lab,
        "two",
        "rm /root/ended; systemd-run -q -p ExecStop='touch /root/ended' sleep 999",
    )
    shared_lab.kill(host)
    assert not host.running
    shared_lab.start(host)
    with pytest.raises(subprocess.CalledProcessError):
        on(shared_lab, "two", "ls /root/ended")


def test_snapshot_and_restore(shared_lab: Lab, on: On) -> None:
    """R-LAB-2: the state of all hosts returns, and keeping it costs a moment."""
    for name in ("one", "two"):
        on(shared_lab, name, "echo before > /root/state; rm -f /root/new")
    began = time.monotonic()
    shared_lab.snapshot("before")
    assert time.monotonic() - began < 2
    for name in ("one", "two"):
        on(shared_lab, name, "echo after > /root/state; touch /root/new; rm -rf /opt; sync")
    shared_lab.restore("before", ["one"])
    assert on(shared_lab, "one", "cat /root/state; ls -d /opt /root/new || true").split() == [
        "before",
        "/opt",
    ]
    assert on(shared_lab, "two", "cat /root/state").strip() == "after"
    shared_lab.restore("before")
    assert on(shared_lab, "two", "cat /root/state").strip() == "before"
    assert [snapshot.name for snapshot in shared_lab.snapshots()] == ["before"]
    with pytest.raises(LabError, match="already"):
        shared_lab.snapshot("before")
    shared_lab.delete_snapshot("before")
    assert shared_lab.snapshots() == []
    with pytest.raises(LabError, match="no snapshot"):
        shared_lab.restore("before")


def test_snapshot_is_of_one_instant(shared_lab: Lab, on: On) -> None:
    """R-LAB-2: a file that is always written after another is never newer in the copy."""
    program = (
        "import itertools, os\n"
        "for n in itertools.count():\n"
        "    for name in ['/root/z', *(f'/root/m{i}' for i in range(50)), '/root/a']:\n"
        "        open('/root/.new', 'w').write(str(n)); os.replace('/root/.new', name)\n"
    )
    on(shared_lab, "one", f"systemd-run -q --unit=count python3 -c {shlex.quote(program)}")
    time.sleep(0.5)
    for name in ("first", "second", "third"):
        shared_lab.snapshot(name)
    on(shared_lab, "one", "systemctl stop count")
    for name in ("first", "second", "third"):
        shared_lab.restore(name, ["one"])
        first, last = map(int, on(shared_lab, "one", "cat /root/z; echo; cat /root/a").split())
        assert first - last in (0, 1)
        assert last > 0
        shared_lab.delete_snapshot(name)


def test_frozen_images_are_built_once(own_lab: Lab, base_image: Image, on: On) -> None:
    """R-LAB-1: what was installed on temporary hosts, all at once, is there on every later one."""
    built: list[str] = []
    keys = [f"{kind} {os.getpid()} {time.time()}" for kind in ("red", "blue")]

    def build(hosts: dict[str, LabHost]) -> None:
        for key, host in hosts.items():
            built.append(key)
            argv = ["ssh", "-i", str(own_lab.ssh_identity), "-o", "BatchMode=yes"]
            argv += ["-o", f"UserKnownHostsFile={own_lab.known_hosts}", f"root@{host.address}"]
            command = f"echo {key} > /opt/made; mkdir -p /var/log/x; echo log > /var/log/x/y"
            subprocess.run([*argv, command], check=True, timeout=60)

    images = own_lab.frozen_images(keys, base_image, build)
    try:
        again = own_lab.frozen_images([*reversed(keys), keys[0]], base_image, build)
        assert again == images
        assert built == keys
        made = own_lab.create({"one": images[keys[0]], "two": images[keys[1]]})
        assert list(made) == ["one", "two"]
        for name, kind in (("one", "red"), ("two", "blue")):
            said = on(own_lab, name, "cut -d' ' -f1 /opt/made; hostname; ls /var/log/x").split()
            assert said == [kind, name]
        for image in images.values():
            layer = image.layers[0]
            assert not list(layer.glob("etc/ssh/ssh_host*"))
            assert not (layer / "root/.ssh/authorized_keys").exists()
        assert [host.name for host in own_lab.hosts()] == ["one", "two"]
        # An image that a lab stands on bears its mark, and so is never taken away for its age.
        marked = {one.image: one.labs for one in kept_images.kept(own_lab.images)}
        assert all(str(own_lab.home) in marked[image] for image in images.values())
    finally:
        for image in images.values():
            shutil.rmtree(image.layers[0].parent)


def test_two_labs_side_by_side(shared_lab: Lab, own_lab: Lab, base_image: Image, on: On) -> None:
    """R-LAB-1: two labs have their own networks and do not disturb one another."""
    own_lab.create({"one": base_image})
    subnets = [shared_lab.management, shared_lab.provider, own_lab.management, own_lab.provider]
    assert len(set(subnets)) == 4
    assert on(own_lab, "one", "hostname").strip() == "one"
    own_lab.destroy()
    assert on(shared_lab, "one", "hostname").strip() == "one"
    on(shared_lab, "one", f"ping -c1 -W1 {shared_lab.management[1]}")
    assert Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() == "1"


def test_debian_12_serves_too(own_lab: Lab, on: On) -> None:
    """R-LAB-1: the operating system of a host can be chosen."""
    own_lab.create({"old": own_lab.base_image("debian-12")})
    assert own_lab.host("old").os == "debian-12"
    assert 'VERSION_ID="12"' in on(own_lab, "old", "cat /etc/os-release")
    assert on(own_lab, "old", "systemctl is-system-running --wait").strip() == "running"
    on(own_lab, "old", "apt-get update -qq -o APT::Update::Error-Mode=any")
