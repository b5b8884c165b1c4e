"""R-OPS-1: the order in which units are started, stopped and restarted."""

from __future__ import annotations

from gureum.operate.known import Known
from gureum.operate.services.order import (
    Order,
    in_turn,
    restart_order,
    start_order,
    stop_order,
)
from gureum.operate.services.selection import select
from gureum.plan.graph import Graph


def orders(cloud: Known, *names: str) -> tuple[Order, Order, Order]:
    chosen = select(cloud, names)
    graph = Graph(cloud.blueprint.steps)
    restarts = restart_order(chosen, graph, ("one",))
    return start_order(chosen, graph), stop_order(chosen, graph), restarts


def turn(order: Order) -> list[str]:
    found = in_turn(order, {key: n for n, key in enumerate(order)})
    return [key.replace("one/", "").replace(".unit.", "/") for key in found]


def test_a_start_begins_with_what_others_need_and_a_stop_ends_with_it(cloud: Known) -> None:
    start, stop, _ = orders(cloud)
    first = turn(start)
    for early, late in (
        ("mariadb/mariadb", "keystone/keystone-api"),
        ("rabbitmq/rabbitmq-server", "nova/nova-conductor"),
        ("keystone/keystone-api", "nova/nova-scheduler"),
        ("nova/nova-conductor", "nova/nova-compute"),
        ("openvswitch/ovs-vswitchd", "nova/nova-compute"),
    ):
        assert first.index(early) < first.index(late)
        assert turn(stop).index(early) > turn(stop).index(late)


def test_units_that_need_nothing_of_each_other_start_at_once(cloud: Known) -> None:
    start, _, _ = orders(cloud, "nova-api", "glance")
    assert list(start.values()) == [frozenset(), frozenset()]


def test_a_restart_goes_one_after_another_the_api_last(cloud: Known) -> None:
    _, _, restart = orders(cloud, "nova")
    found = turn(restart)
    assert found.index("nova/nova-conductor") < found.index("nova/nova-compute")
    assert set(found[-2:]) == {"nova/nova-api", "nova/nova-metadata"}
    assert [len(before) > 0 for before in restart.values()].count(False) == 1


def test_services_restart_beside_each_other(cloud: Known) -> None:
    _, _, restart = orders(cloud, "glance", "placement")
    assert list(restart.values()) == [frozenset(), frozenset()]


def test_compute_hosts_restart_beside_each_other(three: Known) -> None:
    _, _, restart = orders(three, "nova-compute")
    assert list(restart.values()) == [frozenset()] * 3
