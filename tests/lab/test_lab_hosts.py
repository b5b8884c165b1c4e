"""The lab, tried for real: hosts that boot, answer, are snapshot, and go without a trace."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gureum.errors import LabError
from gureum.lab import Image, Lab, LabHost
from gureum.lab import console as lab_console

CACHE = Path("/var/cache/gureum")

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder for labs on the machine's own disk, apart from the labs of others."""
    path = Path(f"/var/lib/gureum-test-{os.getpid()}")
    path.mkdir()
    yield path
    left = sorted(entry.name for entry in path.rglob("*"))
    shutil.rmtree(path, ignore_errors=True)
    assert left == []


@pytest.fixture(scope="module")
def base(folder: Path) -> Image:
    lab = Lab("image", folder / "image", CACHE, print)
    lab.install_tools()
    return lab.base_image()


@pytest.fixture(scope="module")
def lab(folder: Path, base: Image) -> Iterator[Lab]:
    """A lab with two hosts, which all tests share."""
    shared = Lab("shared", folder / "shared", CACHE, print)
    shared.create({"one": base, "two": base})
    yield shared
    shared.destroy()


@pytest.fixture
def own_lab(folder: Path) -> Iterator[Lab]:
    """An empty lab for one test."""
    own = Lab("own", folder / "own", CACHE, print)
    yield own
    own.destroy()


def on(lab: Lab, host: str, command: str) -> str:
    """Return what a command says on a host, over SSH."""
    found = lab.host(host)
    options = ("-o", f"UserKnownHostsFile={lab.known_hosts}", "-o", "BatchMode=yes")
    argv = ["ssh", "-i", str(lab.ssh_identity), *options, f"root@{found.address}", command]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout


def test_hosts_are_reached_and_reach_the_outside(lab: Lab) -> None:
    """R-LAB-1: hosts boot a real systemd, answer on SSH, and have the machine's ways out."""
    for host in lab.hosts():
        assert on(lab, host.name, "hostname -f").strip() == host.name
        assert on(lab, host.name, "systemctl is-system-running --wait").strip() == "running"
        assert host.address in lab.management
        on(lab, host.name, f"ping -c1 -W1 {lab.management[1]}")
    one, two = lab.hosts()
    on(lab, "one", f"ping -c1 -W1 {two.address}")
    on(lab, "one", "apt-get update -qq -o APT::Update::Error-Mode=any")
    assert on(lab, "one", "cat /etc/machine-id") != on(lab, "two", "cat /etc/machine-id")
    assert not lab.management.overlaps(lab.provider)
    assert {one.provider_nic, two.provider_nic} == {"eth1"}


def test_provider_nic_is_bare_and_hides_no_checksum(lab: Lab) -> None:
    """R-LAB-1: eth1 is up without an address; its outer end leaves no checksum unfinished."""
    host = lab.host("one")
    assert "inet" not in on(lab, "one", "ip address show eth1")
    assert "state UP" in on(lab, "one", "ip link show eth1")
    told = subprocess.check_output(["ethtool", "-k", host.provider_link], text=True)
    assert "tx-checksumming: off" in told
    assert "tcp-segmentation-offload: off" in told
    inside = on(lab, "one", "cat /sys/class/net/eth0/mtu /sys/class/net/eth1/mtu").split()
    outside = Path(f"/sys/class/net/{lab.id}-m/mtu").read_text().strip()
    assert set(inside) == {outside}


def test_systemd_of_one_host_does_not_see_the_other(lab: Lab) -> None:
    """R-LAB-1: hosts have control groups of their own, so units of the same name are apart."""
    before = on(lab, "two", "systemctl show --value -p MainPID ssh").strip()
    on(lab, "one", "systemctl restart ssh")
    assert on(lab, "two", "systemctl show --value -p MainPID ssh").strip() == before
    assert before != "0"


def test_console_needs_no_network(lab: Lab) -> None:
    """R-LAB-1: the console works where the network does not."""
    host = lab.host("two")
    subprocess.run(["ip", "link", "set", host.management_link, "down"], check=True)
    try:
        argv = lab_console.command(host, "hostname")
        assert subprocess.check_output(argv, text=True) == "two\n"
    finally:
        subprocess.run(["ip", "link", "set", host.management_link, "up"], check=True)


def test_create_again_keeps_running_hosts(lab: Lab, base: Image) -> None:
    """R-LAB-1: hosts that run are left alone."""
    before = [host.leader_pid for host in lab.hosts()]
    lab.create({"one": base, "two": base})
    assert [host.leader_pid for host in lab.hosts()] == before


@pytest.mark.parametrize("whom", ["leader", "supervisor"])
def test_host_that_was_killed_comes_back(lab: Lab, base: Image, whom: str) -> None:
    """R-LAB-1: whatever a kill leaves (links, a mount, a leader without supervisor) is cleaned."""
    on(lab, "two", "echo kept > /root/kept")
    host = lab.host("two")
    leader = host.leader_pid
    assert leader is not None
    status = Path(f"/proc/{leader}/status").read_text()
    above = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid"))
    os.kill(leader if whom == "leader" else int(above), signal.SIGKILL)
    lab.create({"two": base})
    assert on(lab, "two", "cat /root/kept").strip() == "kept"
    assert not Path(f"/proc/{leader}").exists() or host.leader_pid != leader


def test_stop_is_clean_and_kill_is_not(lab: Lab) -> None:
    """R-LAB-1: a host can be powered off and cut off, and started again."""
    host = lab.host("two")
    on(lab, "two", "systemd-run -q --unit=mark -p ExecStop='/usr/bin/touch /root/ended' sleep 999")
    lab.stop(host)
    assert not host.running
    assert not Path(f"/sys/class/net/{host.management_link}").exists()
    lab.start(host)
    on(lab, "two", "rm /root/ended; systemd-run -q -p ExecStop='touch /root/ended' sleep 999")
    lab.kill(host)
    assert not host.running
    lab.start(host)
    with pytest.raises(subprocess.CalledProcessError):
        on(lab, "two", "ls /root/ended")


def test_snapshot_and_restore(lab: Lab) -> None:
    """R-LAB-2: the state of all hosts returns, and keeping it costs a moment."""
    for name in ("one", "two"):
        on(lab, name, "echo before > /root/state; rm -f /root/new")
    began = time.monotonic()
    lab.snapshot("before")
    assert time.monotonic() - began < 2
    for name in ("one", "two"):
        on(lab, name, "echo after > /root/state; touch /root/new; rm -rf /opt; sync")
    lab.restore("before", ["one"])
    assert on(lab, "one", "cat /root/state; ls -d /opt /root/new || true").split() == [
        "before",
        "/opt",
    ]
    assert on(lab, "two", "cat /root/state").strip() == "after"
    lab.restore("before")
    assert on(lab, "two", "cat /root/state").strip() == "before"
    assert [snapshot.name for snapshot in lab.snapshots()] == ["before"]
    with pytest.raises(LabError, match="already"):
        lab.snapshot("before")
    lab.delete_snapshot("before")
    assert lab.snapshots() == []
    with pytest.raises(LabError, match="no snapshot"):
        lab.restore("before")


def test_snapshot_is_of_one_instant(lab: Lab) -> None:
    """R-LAB-2: nothing runs on any host while they are copied."""
    count = "sh -c 'n=0; while :; do n=$((n+1)); echo $n > /root/n; done'"
    on(lab, "one", f"systemd-run -q --unit=count {count}")
    lab.snapshot("moving")
    assert int(on(lab, "one", "cat /root/n") or 0) > 0
    on(lab, "one", "systemctl stop count")
    lab.restore("moving", ["one"])
    assert on(lab, "one", "systemctl is-system-running --wait").strip() == "running"
    lab.delete_snapshot("moving")


def test_frozen_image_is_built_once(own_lab: Lab, base: Image) -> None:
    """R-LAB-1: what was installed on a temporary host is there at once on every later one."""
    built: list[str] = []
    key = f"test {os.getpid()} {time.time()}"

    def build(host: LabHost) -> None:
        built.append(host.name)
        argv = ["ssh", "-i", str(own_lab.ssh_identity), "-o", "BatchMode=yes"]
        argv += ["-o", f"UserKnownHostsFile={own_lab.known_hosts}", f"root@{host.address}"]
        command = "echo made > /opt/made; mkdir -p /var/log/x; echo log > /var/log/x/y"
        subprocess.run([*argv, command], check=True, timeout=60)

    image = own_lab.frozen_image(key, base, build)
    try:
        assert own_lab.frozen_image(key, base, build) == image
        assert len(built) == 1
        made = own_lab.create({"one": image})
        assert list(made) == ["one"]
        assert on(own_lab, "one", "cat /opt/made; hostname; ls /var/log/x").split() == [
            "made",
            "one",
        ]
        layer = image.layers[0]
        assert not list(layer.glob("etc/ssh/ssh_host*"))
        assert not (layer / "root/.ssh/authorized_keys").exists()
        assert [host.name for host in own_lab.hosts()] == ["one"]
    finally:
        shutil.rmtree(image.layers[0].parent)


def test_failed_build_leaves_no_host(own_lab: Lab, base: Image) -> None:
    """R-LAB-1: a build that fails leaves neither image nor host, and says its own error."""
    key = f"fails {os.getpid()}"

    def build(host: LabHost) -> None:
        assert host.running
        raise ValueError("no such package")

    before = set((CACHE / "images").iterdir())
    with pytest.raises(ValueError, match="no such package"):
        own_lab.frozen_image(key, base, build)
    new = {path.name for path in set((CACHE / "images").iterdir()) - before}
    assert not {name for name in new if own_lab.id in name}
    assert own_lab.hosts() == []
    assert links(own_lab) == {f"{own_lab.id}-m", f"{own_lab.id}-p"}


def test_two_labs_side_by_side(lab: Lab, own_lab: Lab, base: Image) -> None:
    """R-LAB-1: two labs have their own networks and do not disturb one another."""
    own_lab.create({"one": base})
    subnets = [lab.management, lab.provider, own_lab.management, own_lab.provider]
    assert len(set(subnets)) == 4
    assert on(own_lab, "one", "hostname").strip() == "one"
    own_lab.destroy()
    assert on(lab, "one", "hostname").strip() == "one"
    on(lab, "one", f"ping -c1 -W1 {lab.management[1]}")
    assert Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() == "1"


@pytest.mark.parametrize("seed", range(4))
def test_killed_run_is_continued(own_lab: Lab, base: Image, seed: int) -> None:
    """R-LAB-1: after kill -9 at any moment, the same call makes the same hosts."""
    program = (
        "import sys; from pathlib import Path; from gureum.lab import Image, Lab\n"
        f"lab = Lab('own', Path({str(own_lab.home)!r}), Path({str(CACHE)!r}), print)\n"
        f"image = Image.load(Path({str(base.layers[0].parent)!r}))\n"
        "lab.create({'one': image, 'two': image})\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program])
    time.sleep(random.Random(seed).uniform(0.1, 1.6))  # noqa: S311
    run.kill()
    run.wait()
    own_lab.create({"one": base, "two": base})
    for name in ("one", "two"):
        assert on(own_lab, name, "hostname").strip() == name


def test_destroy_leaves_nothing(folder: Path, base: Image) -> None:
    """R-LAB-1: processes, mounts, links, rules, namespaces, groups and files all go."""
    gone = Lab("gone", folder / "gone", CACHE, print)
    before = traces(gone)
    gone.create({"one": base, "two": base})
    gone.snapshot("kept")
    leader = gone.host("one").leader_pid
    assert leader is not None
    namespaces = {path.readlink() for path in Path(f"/proc/{leader}/ns").iterdir()}
    namespaces -= {path.readlink() for path in Path("/proc/self/ns").iterdir()}
    assert len(namespaces) >= 4
    assert traces(gone) != before
    inside = members(namespaces)
    assert str(leader) in inside
    gone.kill(gone.host("two"))
    gone.destroy()
    assert traces(gone) == before
    assert not inside & members(namespaces)
    gone.destroy()


def test_destroy_copes_without_a_record(folder: Path, base: Image) -> None:
    """R-LAB-1: a lab whose record is damaged is removed all the same."""
    broken = Lab("broken", folder / "broken", CACHE, print)
    before = traces(broken)
    broken.create({"one": base})
    (broken.home / "lab.json").write_text("{")
    with pytest.raises(LabError, match="cannot be read"):
        broken.hosts()
    broken.destroy()
    assert traces(broken) == before


def test_way_through_a_firewall_that_forwards_nothing() -> None:
    """R-LAB-1: rules are put into others' dropping chains, and only those are taken out again."""
    program = """
import subprocess
from ipaddress import IPv4Network
from gureum.lab import firewall
def nft(*words): return subprocess.check_output(["nft", *words], text=True)
nft("add table ip filter; add chain ip filter FORWARD "
    "{ type filter hook forward priority 0; policy drop; }; "
    "add rule ip filter FORWARD iifname docker0 accept")
before = nft("list", "ruleset")
nets = (IPv4Network("10.1.0.0/24"), IPv4Network("10.2.0.0/24"))
firewall.up("gureum_g12345", "g12345", nets)
first = nft("list", "ruleset")
firewall.up("gureum_g12345", "g12345", nets)
assert first.count('iifname "g12345*"') == 1, first
assert nft("list", "ruleset") == first, first
assert "masquerade" in first
firewall.down("gureum_g12345", "g12345")
assert nft("list", "ruleset") == before, nft("list", "ruleset")
firewall.down("gureum_g12345", "g12345")
"""
    subprocess.run(["unshare", "--net", sys.executable, "-c", program], check=True, timeout=30)


def test_debian_12_serves_too(own_lab: Lab) -> None:
    """R-LAB-1: the operating system of a host can be chosen."""
    own_lab.create({"old": own_lab.base_image("debian-12")})
    assert own_lab.host("old").os == "debian-12"
    assert 'VERSION_ID="12"' in on(own_lab, "old", "cat /etc/os-release")
    assert on(own_lab, "old", "systemctl is-system-running --wait").strip() == "running"
    on(own_lab, "old", "apt-get update -qq -o APT::Update::Error-Mode=any")


def links(lab: Lab) -> set[str]:
    return {name for name in os.listdir("/sys/class/net") if name.startswith(lab.id)}


def traces(lab: Lab) -> set[str]:
    """Return everything on this machine that bears the lab's id or lies in its folder."""
    marks = (lab.id, str(lab.home))
    found = {f"link {name}" for name in links(lab)}
    commands: dict[str, Callable[[], str]] = {
        "mount": Path("/proc/self/mounts").read_text,
        "loop": lambda: said("losetup", "--list", "--noheadings", "--output=BACK-FILE"),
        "rule": lambda: said("nft", "list", "ruleset"),
        "process": lambda: said("ps", "-eo", "args", "--no-headers", "-ww"),
        "namespace": lambda: said("ip", "netns", "list"),
    }
    for kind, ask in commands.items():
        found |= {
            f"{kind} {line}"
            for line in ask().splitlines()
            if any(mark in line for mark in marks) and "pytest" not in line
        }
    for folder in ("/run", "/sys/fs/cgroup", "/var/lib/gureum", "/tmp"):  # noqa: S108
        for path, folders, names in os.walk(folder):
            found |= {f"{path}/{name}" for name in [*folders, *names] if lab.id in name}
    if lab.home.exists():
        found.add(str(lab.home))
    return found


def said(*command: str) -> str:
    return subprocess.check_output(command, text=True)


def members(namespaces: set[Path]) -> set[str]:
    """Return the processes in any of the namespaces; the kernel gives their numbers out again."""
    found = set()
    for process in Path("/proc").glob("[0-9]*/ns/*"):
        try:
            if process.readlink() in namespaces:
                found.add(process.parts[2])
        except OSError:
            continue
    return found
