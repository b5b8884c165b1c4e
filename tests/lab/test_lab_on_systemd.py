"""The lab on a machine that systemd runs and that has no other disk than a container's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import gureum
from gureum.lab import Image, Lab
from gureum.lab.console import command

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

PROGRAM = """
import subprocess
from pathlib import Path
from gureum.lab import Image, Lab
def said(*words): return subprocess.run(words, capture_output=True, text=True).stdout
Path("/var/cache/gureum/images").mkdir(parents=True)
base = Image("base", "debian-13", (Path("/srv/base"),))
lab = Lab("inner", Path("/var/lib/gureum/lab/inner"), Path("/var/cache/gureum"), print)
lab.install_tools()
image = lab.frozen_images(["key"], base, lambda hosts: None)["key"]
hosts = lab.create({"one": image, "two": image})
machines = said("machinectl", "list", "--no-legend")
assert all(host.machine in machines for host in hosts.values()), machines
lab.snapshot("kept")
lab.restore("kept", ["one"])
lab.stop(hosts["one"])
lab.start(hosts["one"])
lab.kill(hosts["two"])
lab.start(hosts["two"])
lab.destroy()
assert lab.id not in said("ip", "link") + said("machinectl", "list") + said("mount")
assert lab.id not in said("systemctl", "list-units", "--all")
assert not Path("/var/lib/gureum/lab").exists()
print("well")
"""


def test_lab_inside_a_lab_host(
    own_lab: Lab, base_image: Image, on: Callable[[Lab, str, str], str]
) -> None:
    """R-LAB-1: hosts are units of systemd, known to machined; layers need no disk of a kind."""
    own_lab.create({"outer": base_image})
    for folder, where in (
        (Path(gureum.__file__).parent, "/srv/source"),
        (root(base_image), "/srv"),
    ):
        send(own_lab, folder, where)
    on(own_lab, "outer", "mv /srv/root /srv/base; mknod /dev/loop-control c 10 237")
    on(own_lab, "outer", "for n in $(seq 0 31); do mknod /dev/loop$n b 7 $n; done")
    inside = command(
        own_lab.host("outer"), "env", "PYTHONPATH=/srv/source", "python3", "-c", PROGRAM
    )
    done = subprocess.run(inside, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.endswith("well\n"), done.stdout + done.stderr


def root(image: Image) -> Path:
    return image.layers[-1]


def send(lab: Lab, folder: Path, where: str) -> None:
    """Copy a folder into the host, below `where`."""
    pack = ["tar", "-C", str(folder.parent), "--exclude=__pycache__", "-c", folder.name]
    unpack = ["sh", "-c", f"mkdir -p {where} && tar -C {where} -x"]
    with subprocess.Popen(pack, stdout=subprocess.PIPE) as source:
        subprocess.run(command(lab.host("outer"), *unpack), stdin=source.stdout, check=True)
