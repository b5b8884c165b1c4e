"""R-PREP-5, R-PREP-8: what a host carries that is not gureum's, read from what it really prints."""

from __future__ import annotations

from typing import Any

import pytest

from gureum.remote import grounds, grounds_firewall
from gureum.remote.grounds_firewall import dropping


def chain(name: str = "input", table: str = "filter", **more: Any) -> dict[str, Any]:
    base = {"family": "inet", "table": table, "name": name, "type": "filter", "hook": "input"}
    return {"chain": {**base, "policy": "accept", **more}}


def rule(*expressions: dict[str, Any], table: str = "filter", of: str = "input") -> dict[str, Any]:
    entry = {"family": "inet", "table": table, "chain": of, "expr": list(expressions)}
    return {"rule": entry}


def source(right: Any) -> dict[str, Any]:
    left = {"payload": {"protocol": "ip", "field": "saddr"}}
    return {"match": {"op": "==", "left": left, "right": right}}


PORT = {"match": {"left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}}
ACCEPT, DROP = {"accept": None}, {"drop": None}


def test_a_policy_that_drops_is_found_with_whom_it_lets_in() -> None:
    lan = {"prefix": {"addr": "192.0.2.0", "len": 24}}
    found = dropping(
        [
            chain(policy="drop"),
            rule(PORT, ACCEPT),
            rule(source(lan), ACCEPT),
            rule(source({"set": ["198.51.100.1", "198.51.100.2"]}), ACCEPT),
            rule(source("203.0.113.1"), PORT, ACCEPT),
        ]
    )
    assert found is not None
    assert (found["table"], found["chain"]) == ("filter", "input")
    assert found["lets_in"] == ["192.0.2.0/24", "198.51.100.1", "198.51.100.2"]


def test_a_last_rule_that_drops_everything_is_found() -> None:
    assert dropping([chain(), rule(PORT, ACCEPT), rule({"counter": {}}, DROP)]) is not None


@pytest.mark.parametrize(
    "entries",
    [
        [chain(), rule(PORT, DROP)],
        [chain(policy="drop", hook="forward")],
        [chain(policy="drop", table="gureum")],
        [chain(policy="drop", table="libvirt_network")],
        [chain(policy="drop"), rule({"jump": {"target": "ufw-before-input"}})],
        [],
    ],
)
def test_what_does_not_shut_hosts_out_or_has_an_owner_is_not_told(
    entries: list[dict[str, Any]],
) -> None:
    assert dropping(entries) is None


def test_ufw_and_firewalld_tell_by_their_own_files(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "/etc/ufw/ufw.conf": "# on\nENABLED=yes\nLOGLEVEL=low\n",
        "/etc/ufw/user.rules": "-A ufw-user-input -s 192.0.2.0/24 -j ACCEPT\n"
        "-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n",
    }
    monkeypatch.setattr(grounds_firewall, "text_of", lambda path: files.get(path, ""))
    assert grounds_firewall.firewall()["ufw"] == {"lets_in": ["192.0.2.0/24"]}
    files["/etc/ufw/ufw.conf"] = "ENABLED=no\n"
    assert grounds_firewall.firewall()["ufw"] is None


def test_containers_and_databases_are_read_from_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = {"/x/config.v2.json": '{"Name": "/nova_compute"}'}
    monkeypatch.setattr(grounds, "text_of", lambda path: listed.get(path, ""))
    monkeypatch.setattr(grounds.glob, "glob", lambda _: list(listed))
    assert grounds._containers() == ["nova_compute"]


def test_this_machine_answers_quickly_and_whole() -> None:
    """Every apply asks this: it has to cost next to nothing."""
    import time

    grounds.grounds()
    began = time.process_time()
    found = grounds.grounds()
    assert time.process_time() - began < 0.2
    assert set(found["firewall"]) == {"ufw", "firewalld", "rules"}
    assert found["disks"]["/"]["total_mb"] > 0
