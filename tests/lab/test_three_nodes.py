"""Controller, network and compute on three hosts, in one cloud that all tests here share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from reboot import reboot

from gureum.lab import Lab

CACHE = Path("/var/cache/gureum")


def test_three_hosts_stand_and_a_vm_proves_it(three: Any) -> None:
    """R-TOPO-2, R-VERIFY-2: a VM on one host is reached through another, over a tunnel."""
    assert "a VM proved it" in three.up_output
    checks = {check["id"]: check for check in three.verification()["checks"]}
    for proof in ("vm.floating_ip_answers", "vm.ssh_by_key", "vm.mtu_fits", "vm.bulk_tcp"):
        assert checks[proof]["status"] == "pass", checks[proof]
    ends = {
        host: three.ssh(host, "ovs-vsctl get open . external_ids:ovn-encap-ip").strip(' "\n')
        for host in ("network", "compute")
    }
    for host, other in (("network", "compute"), ("compute", "network")):
        assert f"{ends[host]}/24" in three.ssh(host, "ip -4 -o address show dev br-vtep")
        assert ends[other] in three.ssh(
            host, "ovs-vsctl --columns=options find interface type=geneve"
        )


def test_each_host_runs_its_part_and_a_second_apply_finds_nothing(three: Any) -> None:
    """R-TOPO-6, R-VERIFY-3: roles decide what runs where; a second run changes nothing."""
    assert "nothing to change" in three.gureum("apply").stderr
    found = json.loads(three.gureum("status", "--json").stdout.splitlines()[-1])
    assert found["well"] is True
    at: dict[str, set[str]] = {}
    for unit in found["units"]:
        at.setdefault(unit["name"], set()).add(unit["host"])
    assert at["nova-api"] == at["mariadb"] == {"controller"}
    assert at["nova-compute"] == at["libvirtd"] == {"compute"}
    assert at["ovn-controller"] == {"network", "compute"}


def test_one_option_changes_on_every_host_that_reads_it(three: Any) -> None:
    """R-CONF-6: one file for all hosts; `hosts.NAME.config` is for one of them alone."""
    file = three.folder.path / "cloud.yaml"
    text = file.read_text()
    assert "roles: [compute]" in text
    mine = "\nconfig:\n  nova.conf:\n    DEFAULT:\n      service_down_time: 90\n"
    try:
        file.write_text(text + mine)
        plan = three.gureum("plan").stdout
        assert "nova-scheduler" in plan
        assert "keystone-api" not in plan
        three.gureum("apply")
        for host in ("controller", "compute"):
            assert "service_down_time = 90" in three.ssh(host, "cat /etc/nova/nova.conf")
    finally:
        file.write_text(text)
        three.gureum("apply")


def test_two_applies_at_once_do_no_harm(three: Any) -> None:
    """R-VERIFY-3: of two that begin together one works; the other is told, and nothing is torn."""
    for host in ("network", "compute"):
        three.ssh(host, "rm /etc/gureum/ca.pem")
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(three.gureum, "apply", check=False) for _ in range(2)]
        ended = sorted((run.result() for run in runs), key=lambda done: done.returncode)
    assert ended[0].returncode == 0
    if ended[1].returncode:
        assert ended[1].returncode == 1
        assert "hint:" in ended[1].stderr
        assert "Traceback" not in ended[1].stderr
    assert "nothing to change" in three.gureum("apply").stderr


def test_a_host_cut_off_in_the_middle_of_an_apply_is_named(three: Any) -> None:
    """R-PREP-1, R-VERIFY-3: the others are done; the next apply goes on where the cable came back."""
    lab = Lab("three", three.home / "lab" / "three", CACHE, print)
    link = lab.host("compute").management_link
    for host in ("controller", "network", "compute"):
        three.ssh(host, "rm /etc/gureum/ca.pem")
    three.ssh("compute", "systemctl stop nova-compute")
    command = [sys.executable, "-m", "gureum", "apply", "--cloud", "three", "--json"]
    environment = {**os.environ, "GUREUM_HOME": str(three.home)}
    problems = []
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as apply:
            assert apply.stdout is not None
            for line in apply.stdout:
                event = json.loads(line)
                if event["type"] == "step_started" and event["key"].endswith("unit.nova-compute"):
                    subprocess.run(["ip", "link", "set", link, "down"], check=True)
                if event["type"] == "step_finished" and event["status"] == "failed":
                    problems.append(event["error"]["summary"])
            assert apply.wait(90) == 1
        assert "compute went away" in problems[0]
        assert three.ssh("network", "ls /etc/gureum/ca.pem")
    finally:
        subprocess.run(["ip", "link", "set", link, "up"], check=True)
    three.gureum("apply")
    assert three.ssh("compute", "systemctl is-active nova-compute") == "active\n"
    assert "nothing to change" in three.gureum("apply").stderr


def test_all_three_come_back_from_a_reboot_at_once(three: Any) -> None:
    """R-PREP-4, R-PREP-5, R-PREP-6, R-OPS-6: nobody lends a hand, and the VM that ran runs again."""
    reboot(three)
