"""Each check's judgement: facts in, what is wrong out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace as Record
from typing import Any

import pytest

from gureum.checks import (
    clocks,
    compute,
    databases,
    doors,
    endpoints,
    memory,
    names,
    network,
    openvswitch,
    ovn,
    ports,
    queues,
    reporting,
    units,
)
from gureum.checks.context import CheckContext
from gureum.checks.expected import ExpectedBridge, ExpectedDatabase, ExpectedPort, ExpectedUnit
from gureum.services.firewall_rules import Door

UNIT = ExpectedUnit("nova-api", "one")
PORT = ExpectedPort("one", "10.0.0.2", 5672, "rabbitmq-server")


def socket(**changes: Any) -> dict[str, Any]:
    known = {"protocol": "tcp", "address": "10.0.0.2", "port": 5672, "process": "beam.smp"}
    return {**known, "unit": "rabbitmq-server.service", **changes}


def test_a_running_unit_is_in_order() -> None:
    assert units.judge(UNIT, {"ActiveState": "active", "NRestarts": "0"}) == ([], [])


def test_a_dead_unit_is_wrong_and_says_how_it_ended() -> None:
    """R-VERIFY-1: a unit that is not active fails the check, with its exit status."""
    shown = {"ActiveState": "failed", "SubState": "failed", "ExecMainStatus": "1"}
    assert units.judge(UNIT, shown) == (["one/nova-api is failed (failed, exit 1)"], [])


def test_a_unit_that_systemd_does_not_know_is_wrong() -> None:
    wrong, _ = units.judge(UNIT, {})
    assert wrong == ["one/nova-api is unknown ()"]


def test_a_restarted_unit_is_worth_a_look() -> None:
    shown = {"ActiveState": "active", "NRestarts": "3"}
    assert units.judge(UNIT, shown) == ([], ["one/nova-api was restarted 3 times"])


def test_a_oneshot_that_ended_well_is_in_order() -> None:
    oneshot = ExpectedUnit("ovn-host", "one", oneshot=True)
    assert units.judge(oneshot, {"ActiveState": "inactive", "Result": "success"}) == ([], [])
    wrong, _ = units.judge(oneshot, {"ActiveState": "failed", "Result": "exit-code"})
    assert wrong


@pytest.mark.parametrize("address", ["10.0.0.2", *ports.ANY, "::ffff:10.0.0.2"])
def test_a_port_is_covered_by_its_address_or_any(address: str) -> None:
    assert ports.judge(PORT, [socket(address=address)]) == []


@pytest.mark.parametrize(
    "changes", [{"address": "127.0.0.1"}, {"port": 5671}, {"protocol": "udp"}], ids=str
)
def test_another_address_port_or_protocol_is_not_the_port(changes: dict[str, Any]) -> None:
    """R-VERIFY-1: what listens elsewhere does not count."""
    assert ports.judge(PORT, [socket(**changes)]) == [
        "one 10.0.0.2:5672/tcp: nothing listens, rabbitmq-server is to"
    ]


def test_a_stranger_on_a_port_is_named() -> None:
    assert ports.judge(PORT, [socket(unit="evil.service")]) == [
        "one 10.0.0.2:5672/tcp: evil listens in place of rabbitmq-server"
    ]


def test_a_clock_that_is_off_is_wrong() -> None:
    """R-PREP-6: measured offset counts, not that chronyd runs."""
    answer = {"reference": "10.0.0.9", "stratum": 3, "offset": 0.4, "leap": "Normal"}
    assert clocks.judge("one", answer, follows=True) == ["one is +0.400 s off 10.0.0.9"]
    assert clocks.judge("one", {**answer, "offset": -0.02}, follows=True) == []


def test_a_clock_without_a_server_is_wrong_only_where_it_should_follow_one() -> None:
    answer = {"reference": "", "stratum": 0, "offset": 0.0, "leap": "Not synchronised"}
    assert clocks.judge("one", answer, follows=True) == [
        "one follows no time server (it has none to ask)"
    ]
    assert clocks.judge("one", answer, follows=False) == []
    asked = {**answer, "sources": {"192.0.2.1": 2}}
    assert "192.0.2.1 answered 2 of 8" in clocks.judge("one", asked, follows=True)[0]


def test_a_clock_that_lost_its_servers_is_wrong() -> None:
    """R-PREP-6: what was measured long ago proves nothing now."""
    answer = {"reference": "10.0.0.9", "offset": 0.0, "leap": "Normal", "sources": {"10.0.0.9": 0}}
    assert clocks.judge("two", answer, follows=True) == [
        "two hears none of its time servers any more: 10.0.0.9"
    ]
    answer["sources"] = {"10.0.0.9": 0, "10.0.0.10": 5}
    assert clocks.judge("two", answer, follows=True) == []


def test_a_second_daemon_at_the_clock_is_wrong() -> None:
    """R-PREP-6: two daemons that correct one clock correct each other."""
    answer = {"reference": "10.0.0.9", "offset": 0.0, "leap": "Normal", "others": ["ntpsec"]}
    assert clocks.judge("two", answer, follows=True) == [
        "two: ntpsec pulls at the clock beside chronyd"
    ]


def test_a_controller_whose_servers_are_all_silent_is_worth_a_look() -> None:
    """R-PREP-6: the cloud's clocks agree with each other, but with nobody else's."""
    answer = {"reference": "7F7F0101", "offset": 0.0, "leap": "Normal", "sources": {"ntp": 0}}
    assert clocks.judge("one", answer, follows=True) == []
    assert clocks.judge_alone("one", answer) == ["one goes by its own clock: none of ntp answers"]
    assert clocks.judge_alone("one", {**answer, "sources": {"ntp": 1}}) == []
    assert clocks.judge_alone("one", {**answer, "sources": {}}) == []


def test_a_silent_chronyd_is_wrong() -> None:
    wrong = clocks.judge("one", {"error": "506 Cannot talk to daemon"}, follows=False)
    assert "506" in wrong[0]


def test_hosts_in_one_zone_are_in_order_and_in_several_worth_a_look() -> None:
    """R-OPS-11: logs of hosts in two zones cannot be laid side by side."""
    assert clocks.judge_zones({"one": "UTC+09:00", "two": "UTC+09:00"}) == []
    [said] = clocks.judge_zones({"one": "UTC+00:00", "two": "UTC+09:00"})
    assert said.startswith("two keeps UTC+09:00")


def test_a_hint_leads_to_the_host_of_the_first_finding() -> None:
    context = CheckContext(
        cloud="c", clouds_yaml=Path("none"), ca=Path("none"),
        hosts={"one": None, "two": None}, ssh="gureum ssh --cloud c {}".format,  # type: ignore[dict-item]
    )  # fmt: skip
    for found in (["two/nova-api is dead"], ["two keeps another zone"]):
        assert context.there(found, "journalctl") == "gureum ssh --cloud c two journalctl"
    assert context.there([], "ss", "a b") == "gureum ssh --cloud c one ss 'a b'"


def test_names_that_agree_are_in_order() -> None:
    """R-PREP-4: hostname, /etc/hostname and /etc/hosts."""
    answer = {"running": "one", "etc_hostname": "one", "addresses": ["10.0.0.2"]}
    assert names.judge("one", answer) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"running": "localhost"}, "calls itself localhost"),
        ({"etc_hostname": "two"}, "/etc/hostname says two"),
        ({"addresses": []}, "/etc/hosts does not know one"),
        ({"addresses": ["127.0.1.1"]}, "loopback"),
    ],
)
def test_names_that_disagree_are_told(changes: dict[str, Any], said: str) -> None:
    """R-PREP-4: each of the places can be the wrong one."""
    answer = {"running": "one", "etc_hostname": "one", "addresses": ["10.0.0.2"], **changes}
    assert any(said in line for line in names.judge("one", answer))


def test_databases() -> None:
    """R-INFRA-1: missing, empty and outdated databases are told apart."""
    wanted = ExpectedDatabase("one", "nova", frozenset({"b"}))
    assert databases.judge(wanted, {"tables": 110, "heads": ["b"]}) == []
    assert databases.judge(wanted, None) == ["one: no database nova"]
    assert databases.judge(wanted, {"tables": 0, "heads": []}) == [
        "one: database nova has no tables"
    ]
    assert databases.judge(wanted, {"tables": 9, "heads": ["a"]}) == [
        "one: nova is at revision a, the release has b"
    ]
    assert databases.judge(ExpectedDatabase("one", "x"), {"tables": 1, "heads": ["any"]}) == []


def queue(**changes: Any) -> dict[str, Any]:
    return {"vhost": "nova", "name": "conductor", "messages": 0, "consumers": 1, **changes}


def test_a_queue_that_fills_up_unread_is_wrong() -> None:
    assert queues.judge([queue()]) == ([], [])
    wrong, _ = queues.judge([queue(consumers=0, messages=7)])
    assert wrong == ["nova/conductor: 7 messages and nobody reads them"]


def test_an_unread_empty_queue_is_worth_a_look_unless_it_passes_by_itself() -> None:
    assert queues.judge([queue(consumers=0)]) == ([], ["nova/conductor: nobody reads it"])
    assert queues.judge([queue(consumers=0, name="reply_1", messages=1)]) == ([], [])
    assert queues.judge([queue(consumers=0, name="scheduler_fanout_1")]) == ([], [])


def test_cluster_troubles_and_the_guest_user_are_wrong() -> None:
    """R-INFRA-2: alarms, partitions, members that are down, the well-known user."""
    node = {"name": "rabbit@one", "running": True}
    assert queues.judge_cluster([node], [{"name": "nova"}]) == []
    troubled = {
        "name": "rabbit@two",
        "running": False,
        "mem_alarm": True,
        "partitions": ["rabbit@one"],
    }
    wrong = queues.judge_cluster([node, troubled], [{"name": "guest"}])
    assert [line.split()[0] for line in wrong] == ["rabbit@two"] * 3 + ["the"]


def test_chassis() -> None:
    one = {"name": "a", "hostname": "one"}
    assert ovn.judge(["one"], [one]) == []
    assert ovn.judge(["one", "two"], [one]) == ["two is no chassis"]
    assert "leftover" in ovn.judge(["one"], [one, {"name": "b", "hostname": "one.local"}])[0]


def service(**changes: Any) -> Record:
    known = {"binary": "nova-compute", "host": "one", "state": "up", "status": "enabled"}
    return Record(**{**known, "disabled_reason": None, **changes})


def test_compute_services() -> None:
    wanted = [("one", "nova-compute")]
    assert reporting.judge(wanted, [service()]) == ([], [])
    assert reporting.judge(wanted, [])[0] == ["nova-compute of one is unknown"]
    assert reporting.judge(wanted, [service(state="down")])[0] == ["nova-compute of one is down"]
    _, doubtful = reporting.judge(wanted, [service(status="disabled", disabled_reason="disk")])
    assert doubtful == ["nova-compute of one is disabled (disk)"]


def test_inventories() -> None:
    room = {"VCPU": 2, "MEMORY_MB": 1024, "DISK_GB": 10}
    assert compute.judge_inventories(["one"], {"one.example": room}) == []
    assert compute.judge_inventories(["one"], {}) == ["placement knows no provider one"]
    assert compute.judge_inventories(["one"], {"one": {"VCPU": 2}}) == [
        "one offers no MEMORY_MB, DISK_GB"
    ]


def test_agents() -> None:
    """R-SVC-5: with either driver, and each agent by its own name."""
    agent = Record(agent_type="L3 agent", host="one", is_alive=True, is_admin_state_up=True)
    router, switch = ("one", "neutron-l3-agent"), ("one", "neutron-openvswitch-agent")
    assert network.judge({router}, [agent]) == ([], [])
    assert network.judge({router, switch}, [agent])[0] == ["one has no Open vSwitch agent"]
    dead = Record(**{**vars(agent), "is_alive": False})
    assert network.judge({router}, [dead])[0] == ["L3 agent of one is dead"]
    gateway = Record(**{**vars(agent), "agent_type": "OVN Controller Gateway agent"})
    assert network.judge({("one", "ovn-controller")}, [gateway]) == ([], [])


BRIDGE = ExpectedBridge("one", "br-provider", "netdev", ("eth1",))


@pytest.mark.parametrize(
    ("bridges", "patched", "said"),
    [
        ({"br-provider": {"datapath": "netdev", "ports": ["eth1"]}}, False, []),
        (
            {"br-provider": {"datapath": "netdev", "ports": ["eth1"]}},
            True,
            ["one: phy-br-provider is not in br-provider"],
        ),
        (
            {"br-provider": {"datapath": "system", "ports": []}},
            False,
            [
                "one: br-provider has the datapath system in place of netdev",
                "one: eth1 is not in br-provider",
            ],
        ),
        ({"br-int": {}}, False, ["one has no bridge br-provider"]),
    ],
)
def test_bridges(bridges: dict[str, Any], patched: bool, said: list[str]) -> None:
    """R-SVC-5: of one datapath, with their NICs, joined where an agent joins them."""
    assert openvswitch.judge([BRIDGE], bridges, patched=patched) == said


def test_br_int_is_joined_with_the_bridges_that_its_host_has() -> None:
    inner = ExpectedBridge("one", "br-int", "netdev")
    found = {
        "br-int": {"datapath": "netdev", "ports": []},
        "br-provider": {"datapath": "netdev", "ports": ["eth1", "phy-br-provider"]},
    }
    [said] = openvswitch.judge([inner, BRIDGE], found, patched=True)
    assert said == "one: int-br-provider is not in br-int"
    assert openvswitch.judge([inner], found, patched=True) == []


@pytest.mark.parametrize(
    ("status", "fine"), [(200, True), (300, True), (401, True), (404, False), (503, False)]
)
def test_endpoint_answers(status: int, fine: bool) -> None:
    answer = endpoints.Answer("https://x:5000", status, tls="TLSv1.3", days=90)
    assert (endpoints.judge(answer, "keystone") == []) is fine


def test_memory_is_told_largest_first() -> None:
    lines = memory.largest({f"u{n}": n * 1024 for n in range(1, 15)}).splitlines()
    assert lines[0].split() == ["14", "MB", "u14"]
    assert lines[-1].split() == ["3", "MB", "all", "others"]


DOORS = tuple(
    Door(
        host="one",
        address="192.0.2.11",
        port=port,
        purpose=purpose,
        everyone=port == 5000,
        peers=peers,
        subnets=subnets,
    )
    for port, purpose, peers, subnets in (
        (5000, "keystone", (), ()),
        (3306, "SQL", ("192.0.2.11",), ()),
        (5672, "AMQP", ("192.0.2.11", "192.0.2.13"), ("198.51.100.0/24",)),
    )
)


@pytest.mark.parametrize(
    ("prober", "address", "answers", "wrong"),
    [
        ("", "", "open silent silent", ""),
        (
            "",
            "",
            "silent silent silent",
            "5000 (keystone) is silent to this machine, which it is for",
        ),
        ("", "", "open open silent", "3306 (SQL) is open to this machine, which it is not for"),
        # This machine may be in a subnet that the operator opened it to.
        ("", "", "open silent open", ""),
        ("three", "192.0.2.13", "open silent open", ""),
        (
            "three",
            "192.0.2.13",
            "open silent refused",
            "5672 (AMQP) is refused to three, which it is for",
        ),
        (
            "two",
            "192.0.2.12",
            "open silent open",
            "5672 (AMQP) is open to two, which it is not for",
        ),
        ("two", "198.51.100.7", "open silent open", ""),
    ],
)
def test_a_door_is_judged_by_who_knocks(
    prober: str, address: str, answers: str, wrong: str
) -> None:
    """R-PREP-5: open to whom it is for, shut to everybody else."""
    found = {f"{d.address}:{d.port}": a for d, a in zip(DOORS, answers.split(), strict=True)}
    said = doors.judge(prober, address, DOORS, found)
    assert said == ([f"one: port {wrong}"] if wrong else [])
