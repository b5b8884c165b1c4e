"""R-PREP-1: what `gureum host` says where no host has to be asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from one_host import FACTS

from gureum.operate.known import keep_facts
from gureum.state.folder import CloudFolder

Gureum = Callable[..., Any]


def test_hosts_are_listed_with_roles_address_and_way(gureum: Gureum, tmp_path: Path) -> None:
    (tmp_path / "cloud.yaml").write_text(
        "networks: {provider: {cidr: 203.0.113.0/24}}\n"
        "hosts:\n"
        "  c: {roles: [controller, network], connection: ssh, address: 192.0.2.1, user: ops}\n"
        "  d: {roles: [compute], connection: ssh, address: 192.0.2.2, port: 2222}\n"
    )
    folder = CloudFolder("cloud", tmp_path / "home").make()
    keep_facts(folder, {"c": "192.0.2.1"}, {"c": FACTS})
    states = {"c": {"time": 1.0, "state": "warning"}, "d": {"time": 2.0, "state": "unreachable"}}
    folder.write(folder.host_states, json.dumps(states))
    first, second = json.loads(gureum("host", "list", "--json").out)["hosts"]
    assert (first["roles"], first["address"]) == (["controller", "network"], "192.0.2.1")
    assert (first["reached"], first["state"]) == ("SSH as ops", "warning")
    assert (second["reached"], second["seen"]) == ("SSH port 2222", None)
    assert second["state"] == "unreachable"
    shown = gureum("host", "list").out.splitlines()
    assert shown[0].split()[:2] == ["host", "roles"]
    assert "never" in shown[2]
