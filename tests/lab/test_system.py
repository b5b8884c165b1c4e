"""What gureum makes of the hosts themselves: firewall, names, time, and that it survives reboots."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from reboot import reboot

from gureum.apply import Journal, Status, run
from gureum.hosts import Connections, Target
from gureum.lab import Lab
from gureum.remote import firewall, process
from gureum.remote.knock import OPEN, SILENT, knock
from gureum.steps.firewall import FirewallLoaded
from gureum.steps.step import Step

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

CACHE = Path("/var/cache/gureum")
TABLE = "nft list table inet gureum"


def the_lab(cloud: Any) -> Lab:
    return Lab(cloud.name, cloud.home / "lab" / cloud.name, CACHE, print)


def test_what_is_for_nobody_outside_keeps_silent(cloud: Any) -> None:
    """R-PREP-5: from a machine that is no host of the cloud, the API answers and the database does not."""
    address = str(the_lab(cloud).host("one").address)
    ports = {
        22: OPEN,
        443: OPEN,
        5000: OPEN,
        3306: SILENT,
        5672: SILENT,
        6642: SILENT,
        8775: SILENT,
    }
    found = knock([(address, port) for port in ports])
    assert found == {f"{address}:{port}": answer for port, answer in ports.items()}


def test_rules_changed_by_hand_are_told_and_put_back(cloud: Any) -> None:
    """R-PREP-5: an edit in the kernel is drift as one in a file is; the tables of others stay."""
    cloud.ssh(
        "one", "nft add rule inet gureum input tcp dport 3306 accept; nft add table inet mine"
    )
    planned = cloud.gureum("plan").stdout
    assert "foreign: ['tcp dport 3306 accept']" in planned
    assert "1 to change" in planned
    try:
        cloud.gureum("apply")
        assert "tcp dport 3306 accept\n" not in cloud.ssh("one", TABLE)
        assert "table inet mine" in cloud.ssh("one", "nft list tables")
    finally:
        cloud.ssh("one", "nft delete table inet mine")


def test_rules_that_would_shut_gureum_out_are_taken_back(cloud: Any, tmp_path: Path) -> None:
    """R-PREP-5: nobody is locked out: only a fresh SSH connection lets new rules stay."""
    lab, held = the_lab(cloud), cloud.ssh("one", f"{TABLE} | grep -v counter")
    rules = cloud.ssh("one", "cat /etc/gureum/firewall.nft")
    shut = "\n".join(line for line in rules.splitlines() if "dport 22 " not in line) + "\n"
    step = Step(
        id="firewall.rules",
        host="one",
        state=FirewallLoaded(table="gureum", rules=shut),
        why="a test",
    )
    host = lab.host("one")
    with Connections() as connections:
        session = connections.open(
            [
                Target(
                    "one",
                    "lab",
                    str(host.address),
                    identity=lab.ssh_identity,
                    known_hosts=(lab.known_hosts,),
                )
            ]
        )["one"]
        result = run([step], {"one": session}, journal=Journal(tmp_path / "j"), emit=print)
        end = result.steps["one/firewall.rules"]
        assert end.status is Status.FAILED
        assert end.error is not None
        assert "those from before are back" in end.error.summary
        # Where gureum itself is gone in the middle, the host's own timer does the same.
        session.call(firewall.change, step.state.spec(), {})
        assert knock([(str(host.address), 22)])[f"{host.address}:22"] == SILENT
        listed = session.call(process.evidence_of, ("systemctl", "list-timers", "--no-pager"))
        assert "gureum-firewall-undo" in listed["output"]
        session.call(firewall.undo)
    assert cloud.ssh("one", f"{TABLE} | grep -v counter") == held


def test_an_operators_lines_in_etc_hosts_stay(cloud: Any) -> None:
    """R-PREP-4: gureum keeps a block of its own, and takes its names out of other lines."""
    cloud.ssh("one", r"sed -i '1i 127.0.1.1 one.example.org one\n192.0.2.200 nas' /etc/hosts")
    try:
        cloud.gureum("apply")
        lines = cloud.ssh("one", "cat /etc/hosts").splitlines()
        assert "192.0.2.200 nas" in lines
        assert "127.0.1.1 one.example.org" in lines
        address = the_lab(cloud).host("one").address
        assert [line for line in lines if line.split()[1:] == ["one"]] == [f"{address} one"]
    finally:
        cloud.ssh("one", "sed -i '/nas$/d; /example.org$/d' /etc/hosts")


def test_an_all_in_one_comes_back_from_a_reboot(cloud: Any) -> None:
    """R-PREP-4, R-PREP-5: everything is there again without help, and the VM that ran runs."""
    reboot(cloud)
