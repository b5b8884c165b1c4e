"""`gureum service` on a real cloud: units stopped, started, restarted and taken apart."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

UNIT = "placement-api"


def units(cloud: Any, *names: str) -> dict[str, dict[str, Any]]:
    found = json.loads(cloud.gureum("service", "status", *names, "--json", check=False).stdout)
    return {unit["name"]: unit for unit in found["units"]}


def acted(output: str) -> dict[str, dict[str, Any]]:
    return {line["unit"]: line for line in map(json.loads, output.splitlines())}


@pytest.fixture
def _as_it_was(cloud: Any) -> Iterator[None]:
    yield
    cloud.gureum("service", "start")


@pytest.mark.usefixtures("_as_it_was")
def test_a_unit_is_stopped_seen_down_and_started_again(cloud: Any) -> None:
    """R-OPS-1: stop says who misses it, status that it is down, start ends when it answers."""
    stopped = cloud.gureum("service", "stop", UNIT)
    assert stopped.stdout.startswith(f"stopped    {UNIT} of one")
    assert "until it runs again: " in stopped.stdout
    shown = cloud.gureum("service", "status", "placement", check=False)
    assert shown.returncode == 1
    assert f"down: {UNIT} of one is inactive (dead)" in shown.stdout
    assert f"one journalctl -u {UNIT} -n 50" in shown.stdout
    again = acted(cloud.gureum("service", "stop", UNIT, "--json").stdout)
    assert again[UNIT]["outcome"] == "unchanged"
    started = acted(cloud.gureum("service", "start", UNIT, "--json").stdout)
    assert started[UNIT]["outcome"] == "done"
    assert units(cloud, "placement")[UNIT]["good"]


@pytest.mark.usefixtures("_as_it_was")
def test_what_systemd_takes_along_is_named(cloud: Any) -> None:
    """R-OPS-1: libvirtd's socket would start it again at the next knock, so it goes as well."""
    assert "along with it: libvirtd.socket" in cloud.gureum("service", "stop", "libvirtd").stdout
    assert not units(cloud, "libvirt")["libvirtd"]["good"]


def test_nova_compute_is_restarted_when_nova_has_heard_of_it_again(cloud: Any) -> None:
    """R-OPS-1: right after the restart the scheduler finds the host, and nova-compute is new."""
    since = units(cloud, "nova-compute")["nova-compute"]["since"]
    began = time.time()
    done = acted(cloud.gureum("service", "restart", "nova-compute", "--json").stdout)[
        "nova-compute"
    ]
    assert done["outcome"] == "done"
    assert done["reported"] > 0
    assert units(cloud, "nova-compute")["nova-compute"]["since"] > since
    age = cloud.ssh(
        "one",
        "mariadb -BNe \"SELECT TIMESTAMPDIFF(SECOND, last_seen_up, UTC_TIMESTAMP()) "
        "FROM nova.services WHERE \\`binary\\` = 'nova-compute'\"",
    )  # fmt: skip
    assert int(age) <= time.time() - began


def test_a_service_is_restarted_with_all_of_its_units(cloud: Any) -> None:
    """R-OPS-1: by service, and every unit with the seconds it took."""
    before = units(cloud, "memcached", "libvirt")
    done = acted(cloud.gureum("service", "restart", "libvirt", "memcached", "--json").stdout)
    assert {name: one["outcome"] for name, one in done.items()} == dict.fromkeys(before, "done")
    assert all(one["seconds"] > 0 for one in done.values())
    after = units(cloud, "memcached", "libvirt")
    assert all(after[name]["since"] > before[name]["since"] for name in before)


def test_a_unit_that_does_not_start_tells_why(cloud: Any) -> None:
    """R-OPS-1: exit 1, the lines of its log that matter, and a line to type."""
    conf = "/etc/chrony/chrony.conf"
    cloud.ssh("one", f"cp -a {conf} /root/kept.conf && echo nosuch >> {conf}")
    try:
        failed = cloud.gureum("service", "restart", "chrony", check=False)
    finally:
        cloud.ssh("one", f"cp -a /root/kept.conf {conf} && rm /root/kept.conf")
        cloud.gureum("service", "restart", "chrony")
    assert failed.returncode == 1
    assert failed.stdout.startswith("failed     chrony of one")
    assert "Invalid directive" in failed.stdout
    assert re.search("hint: .*ssh .* one journalctl -u chrony", failed.stdout)


def test_the_anatomy_names_what_is_really_there(cloud: Any) -> None:
    """R-SVC-9: the port, who is connected, the database and its size, queues, files, memory."""
    found = json.loads(
        cloud.gureum("service", "show", "nova-conductor", "mariadb", "--json").stdout
    )
    by_name = {unit["anatomy"]["unit"]: unit for unit in found["units"]}
    conductor, mariadb = by_name["nova-conductor"]["life"], by_name["mariadb"]["life"]
    address = cloud.ssh("one", "hostname -I").split()[0]
    assert mariadb["listening"] == [f"{address}:3306"]
    served = {peer["name"]: peer["count"] for peer in mariadb["peers"]["served"]}
    used = {peer["name"]: peer["count"] for peer in conductor["peers"]["used"]}
    assert served["nova-conductor"] == used["mariadb"] > 0
    assert used["rabbitmq-server"] > 0
    count = "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'nova'"
    assert found["databases"]["nova"]["tables"] == int(cloud.ssh("one", f'mariadb -BNe "{count}"'))
    assert found["databases"]["nova"]["bytes"] > 1_000_000
    queues = {queue["name"]: queue["consumers"] for queue in found["queues"]["nova"]}
    assert queues["conductor"] >= 1
    assert conductor["files"]["/etc/nova/nova.conf"]["bytes"] > 500
    assert conductor["state"]["health"]["pss_mb"] > 20
    assert conductor["cpu_seconds"] > 0.5
    assert any("nova-conductor" in word for word in conductor["command"])


def test_secrets_stay_in(cloud: Any) -> None:
    """R-CRED-1: an anatomy of everything holds no password."""
    secrets = json.loads((cloud.folder.path / "secrets.json").read_text()).values()
    names = [unit["service"] for unit in units(cloud).values()]
    said = cloud.gureum("service", "show", *dict.fromkeys(names), "--json").stdout
    assert not [secret for secret in secrets if len(secret) > 8 and secret in said]


def test_users_of_the_queue_changed_by_hand_are_put_right_without_a_restart(cloud: Any) -> None:
    """R-INFRA-2: password, rights and a removed user, while RabbitMQ goes on; and what would only
    not start at boot is enabled and left running."""
    before = units(cloud, "rabbitmq", UNIT)
    cloud.ssh(
        "one",
        "rabbitmqctl -q change_password nova wrong && "
        f"rabbitmqctl -q clear_permissions -p neutron neutron && systemctl disable -q {UNIT}",
    )
    applied = cloud.gureum("apply").stderr
    assert "changed: one/rabbitmq.users" in applied
    assert f"changed: one/placement.unit.{UNIT}" in applied
    after = units(cloud, "rabbitmq", UNIT)
    assert {n: u["since"] for n, u in after.items()} == {n: u["since"] for n, u in before.items()}
    assert after[UNIT]["enabled"]


def test_hosts_and_services_keep_utc(cloud: Any) -> None:
    """R-OPS-11: also under an operator in another zone, who reads times of that zone."""
    assert cloud.ssh("one", "date +%z").strip() == "+0000"
    environment = cloud.ssh("one", "systemctl show -p Environment --value nova-api nova-compute")
    assert environment.count("TZ=UTC") == 2
