"""Facts of this machine: there, plausible, and quickly read."""

from __future__ import annotations

import os
import shutil
import socket
import time

import pytest

from gureum.remote.facts import facts


def test_facts_are_read_in_one_quick_call() -> None:
    """R-PREP-7, R-PREP-8: virtualisation, memory, disk and clock are known before anything runs."""
    began = time.monotonic()
    found = facts()
    assert time.monotonic() - began < 3
    assert found["cpus"] == os.cpu_count()
    assert found["memory_mb"] > 100
    assert found["disk_free_mb"]["/"] > 0
    assert abs(found["time"] - time.time()) < 1
    assert found["openvswitch"] in ("loaded", "loadable", "absent")
    assert found["kvm"]["works"] or found["kvm"]["why"]


@pytest.mark.skipif(not shutil.which("ip"), reason="needs ip: apt-get install iproute2")
def test_every_nic_is_told_with_its_addresses() -> None:
    """R-PREP-8: whether a host has the NICs that its roles ask for is known before anything runs."""
    nics = {nic["name"]: nic for nic in facts()["nics"]}
    assert "127.0.0.1/8" in nics["lo"]["ipv4"]


def test_a_taken_port_names_its_holder() -> None:
    """R-PREP-8: who holds a port is told, not only that it is taken."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        holders = [entry for entry in facts()["ports"] if entry["port"] == port]
    assert len(holders) == 1
    assert holders[0]["address"] == "127.0.0.1"
    assert holders[0]["pid"] == os.getpid()
    assert holders[0]["process"]
