"""What the lab leaves behind: nothing when it is destroyed, nothing that matters when killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gureum.errors import LabError
from gureum.lab import Image, Lab, LabHost, processes

On = Callable[[Lab, str, str], str]
"""Runs a command on a host over SSH and returns what it says."""

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]


def test_failed_build_leaves_no_host(own_lab: Lab, base_image: Image, lab_cache: Path) -> None:
    """R-LAB-1: a build that fails leaves neither image nor host, and says its own error."""
    key = f"fails {os.getpid()}"

    def build(hosts: dict[str, LabHost]) -> None:
        assert hosts[key].running
        raise ValueError("no such package")

    before = set((lab_cache / "images").iterdir())
    with pytest.raises(ValueError, match="no such package"):
        own_lab.frozen_images([key], base_image, build)
    new = {path.name for path in set((lab_cache / "images").iterdir()) - before}
    assert not {name for name in new if own_lab.id in name}
    assert own_lab.hosts() == []
    assert links(own_lab) == {f"{own_lab.id}-{network}" for network in "mpt"}


def test_killed_build_is_cleaned_by_the_next(
    own_lab: Lab, base_image: Image, lab_cache: Path
) -> None:
    """R-LAB-1: the temporary host of a build that was killed goes when the next one starts."""
    program = (
        "import sys, time; from pathlib import Path; from gureum.lab import Image, Lab\n"
        f"lab = Lab('own', Path({str(own_lab.home)!r}), Path({str(lab_cache)!r}), print)\n"
        f"image = Image.load(Path({str(base_image.layers[0].parent)!r}))\n"
        "def build(hosts):\n    print(*[host.name for host in hosts.values()], flush=True)\n"
        "    time.sleep(60)\n"
        f"lab.frozen_images(['one {os.getpid()}', 'two {os.getpid()}'], image, build)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    names = run.stdout.readline().split()
    assert len(names) == 2
    run.kill()
    run.wait()
    run.stdout.close()
    half_made = [lab_cache / "images" / f".{name}.building" for name in names]
    assert all(path.exists() for path in half_made)
    [image] = own_lab.frozen_images(["next"], base_image, lambda _: None).values()
    shutil.rmtree(image.layers[0].parent)
    assert not any(path.exists() for path in half_made)
    assert links(own_lab) == {f"{own_lab.id}-{network}" for network in "mpt"}


@pytest.mark.parametrize("whom", ["leader", "supervisor"])
def test_host_that_was_killed_comes_back(
    shared_lab: Lab, base_image: Image, whom: str, on: On
) -> None:
    """R-LAB-1: whatever a kill leaves (links, a mount, a leader without supervisor) is cleaned."""
    on(shared_lab, "two", "echo kept > /root/kept")
    host = shared_lab.host("two")
    leader = host.leader_pid
    assert leader is not None
    status = Path(f"/proc/{leader}/status").read_text()
    above = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid"))
    victim = leader if whom == "leader" else int(above)
    os.kill(victim, signal.SIGKILL)
    assert processes.wait_gone(victim, 10)
    shared_lab.create({"two": base_image})
    assert on(shared_lab, "two", "cat /root/kept").strip() == "kept"
    assert not processes.alive(leader)


@pytest.mark.parametrize("seed", range(4))
def test_killed_run_is_continued(
    own_lab: Lab, base_image: Image, seed: int, on: On, lab_cache: Path
) -> None:
    """R-LAB-1: after kill -9 at any moment, the same call makes the same hosts."""
    program = (
        "import sys; from pathlib import Path; from gureum.lab import Image, Lab\n"
        f"lab = Lab('own', Path({str(own_lab.home)!r}), Path({str(lab_cache)!r}), print)\n"
        f"image = Image.load(Path({str(base_image.layers[0].parent)!r}))\n"
        "lab.create({'one': image, 'two': image})\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program])
    time.sleep(random.Random(seed).uniform(0.1, 1.6))  # noqa: S311
    run.kill()
    run.wait()
    own_lab.create({"one": base_image, "two": base_image})
    for name in ("one", "two"):
        assert on(own_lab, name, "hostname").strip() == name


def test_destroy_leaves_nothing(lab_folder: Path, base_image: Image, lab_cache: Path) -> None:
    """R-LAB-1: processes, mounts, links, rules, namespaces, groups and files all go."""
    gone = Lab("gone", lab_folder / "gone", lab_cache, print)
    before = traces(gone)
    gone.create({"one": base_image, "two": base_image})
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


def test_destroy_copes_without_a_record(
    lab_folder: Path, base_image: Image, lab_cache: Path
) -> None:
    """R-LAB-1: a lab whose record is damaged is removed all the same."""
    broken = Lab("broken", lab_folder / "broken", lab_cache, print)
    before = traces(broken)
    broken.create({"one": base_image})
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
    """Return the living processes in any of the namespaces.

    Their numbers do not do: the kernel gives them out again.
    """
    found = set()
    for process in Path("/proc").glob("[0-9]*/ns/*"):
        try:
            if process.readlink() in namespaces and processes.alive(int(process.parts[2])):
                found.add(process.parts[2])
        except OSError:
            continue
    return found
