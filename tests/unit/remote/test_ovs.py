"""What Open vSwitch has, read from the tables of ovs-vsctl as it prints them."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from gureum.remote import ovs
from gureum.remote.process import Done

NONE: list[object] = ["set", []]
TABLES = {
    "Port": (["_uuid", "name"], [[["uuid", "1"], "eth1"], [["uuid", "2"], "br-tun"]]),
    "Bridge": (
        ["name", "datapath_type", "ports"],
        [
            ["br-provider", "netdev", ["uuid", "1"]],
            ["br-tun", "", ["set", [["uuid", "2"]]]],
        ],
    ),
    "Interface": (
        ["name", "type", "options", "error"],
        [
            ["eth1", "", ["map", []], NONE],
            ["vxlan-1", "vxlan", ["map", [["remote_ip", "198.51.100.2"]]], NONE],
            ["tap1", "", ["map", []], "could not open network device tap1 (No such device)"],
        ],
    ),
}


def test_bridges_tunnels_and_ports_that_do_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-SVC-5: one port or many, an empty datapath type is the kernel's."""

    def run(command: Sequence[str]) -> Done:
        headings, data = TABLES[command[-1]]
        return Done(tuple(command), 0, json.dumps({"headings": headings, "data": data}), 0.0)

    monkeypatch.setattr(ovs, "run", run)
    assert ovs.look() == {
        "bridges": {
            "br-provider": {"datapath": "netdev", "ports": ["eth1"]},
            "br-tun": {"datapath": "system", "ports": ["br-tun"]},
        },
        "tunnels": [{"name": "vxlan-1", "type": "vxlan", "to": "198.51.100.2"}],
        "errors": {"tap1": "could not open network device tap1 (No such device)"},
    }
