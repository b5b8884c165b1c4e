"""Facts of this machine: there, plausible, and quickly read."""

from __future__ import annotations

import os
import socket
import time

from gureum.remote.facts import facts


def test_facts_are_read_in_one_quick_call() -> None:
    """R-PREP-7, R-PREP-8: virtualisation, memory, disk and clock are known before anything runs."""
    began = time.monotonic()
    found = facts()
    assert time.monotonic() - began < 0.5
    assert found["cpus"] == os.cpu_count()
    assert found["memory_mb"] > 100
    assert found["disk_free_mb"]["/"] > 0
    assert abs(found["time"] - time.time()) < 1
    assert any("127.0.0.1/8" in nic["ipv4"] for nic in found["nics"])
    assert found["openvswitch"] in ("loaded", "loadable", "absent")
    assert found["kvm"]["works"] or found["kvm"]["why"]


def test_a_taken_port_names_its_holder() -> None:
    """R-PREP-8: who holds a port is told, not only that it is taken."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        holders = [entry for entry in facts()["ports"] if entry["port"] == port]
    assert len(holders) == 1
    assert holders[0]["address"] == "127.0.0.1"
    assert holders[0]["pid"] == os.getpid()
    assert holders[0]["process"]
