"""`gureum service` on a real cloud: units stopped, started, restarted and taken apart."""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any

import pytest

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

UNIT = "placement-api"
SERVICES = (
    "chrony", "mariadb", "rabbitmq", "memcached", "keystone", "glance", "placement", "ovn", "libvirt",
    "nova", "neutron", "haproxy",
)  # fmt: skip


def acted(output: str) -> dict[str, dict[str, Any]]:
    """Return what became of each unit by its name."""
    return {line["unit"]: line for line in map(json.loads, output.splitlines())}


def test_units_are_stopped_seen_down_and_started_again(cloud: Any) -> None:
    """R-OPS-1: stop says who misses a unit and what went along, status that it is down, and a start
    brings back what does not run and nothing else."""
    try:
        stopped = cloud.gureum("service", "stop", UNIT, "libvirtd").stdout
        shown = cloud.gureum("service", "status", "placement", check=False)
    finally:
        started = acted(cloud.gureum("service", "start", "--json").stdout)
    assert f"stopped    {UNIT} of one" in stopped
    assert "until it runs again: " in stopped
    # The socket would start it again at the next knock.
    assert "along with it: libvirtd.socket" in stopped
    assert shown.returncode == 1
    assert f"down: {UNIT} of one is inactive (dead)" in shown.stdout
    assert f"logs --cloud t --host one {UNIT}" in shown.stdout
    assert {name for name, one in started.items() if one["outcome"] == "done"} == {
        UNIT, "libvirtd", "libvirtd.socket",
    }  # fmt: skip
    assert started["nova-api"]["outcome"] == "unchanged"


def test_a_service_is_restarted_with_all_of_its_units(cloud: Any) -> None:
    """R-OPS-1: by service, and every unit with the seconds it took."""
    began = time.time()
    done = acted(cloud.gureum("service", "restart", "libvirt", "memcached", "--json").stdout)
    assert {name: one["outcome"] for name, one in done.items()} == {
        "libvirtd.socket": "done", "libvirtd": "done", "memcached": "done",
    }  # fmt: skip
    assert all(one["seconds"] > 0 for one in done.values())
    shown = json.loads(cloud.gureum("service", "status", "libvirt", "memcached", "--json").stdout)
    assert all(unit["since"] > began - 1 for unit in shown["units"])


def test_nova_compute_is_restarted_when_nova_has_heard_of_it_again(cloud: Any) -> None:
    """R-OPS-1: right after the restart the scheduler finds the host."""
    began = time.time()
    done = acted(cloud.gureum("service", "restart", "nova-compute", "--json").stdout)[
        "nova-compute"
    ]
    assert done["outcome"] == "done"
    assert done["reported"] > 0
    age = "SELECT TIMESTAMPDIFF(SECOND, last_seen_up, UTC_TIMESTAMP()) FROM nova.services"
    said = cloud.ssh("one", f"mariadb -BNe \"{age} WHERE topic = 'compute'\"")
    assert int(said) <= time.time() - began


def test_a_unit_that_does_not_start_tells_why(cloud: Any) -> None:
    """R-OPS-1: exit 1, the lines of its log that matter, and a line to type."""
    conf = "/etc/chrony/chrony.conf"
    cloud.ssh("one", f"cp -a {conf} /root/kept.conf && echo nosuch >> {conf}")
    try:
        failed = cloud.gureum("service", "restart", "chrony", check=False)
    finally:
        cloud.ssh("one", f"mv /root/kept.conf {conf} && systemctl restart chrony")
    assert failed.returncode == 1
    assert failed.stdout.startswith("failed     chrony of one")
    assert "Invalid directive" in failed.stdout
    assert re.search("hint: .*ssh .* one journalctl -u chrony", failed.stdout)


def test_the_anatomy_names_what_is_really_there(cloud: Any) -> None:
    """R-SVC-9: the port, who is connected, the database and its size, queues, files, memory."""
    found = json.loads(
        cloud.gureum("service", "show", "nova-conductor", "mariadb", "--json").stdout
    )
    by_name = {unit["anatomy"]["unit"]: unit["life"] for unit in found["units"]}
    conductor, mariadb = by_name["nova-conductor"], by_name["mariadb"]
    tables = "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'nova'"
    said = cloud.ssh("one", f'hostname -I; mariadb -BNe "{tables}"').splitlines()
    assert mariadb["listening"] == [f"{said[0].split()[0]}:3306"]
    served = {peer["name"]: peer["count"] for peer in mariadb["peers"]["served"]}
    used = {peer["name"]: peer["count"] for peer in conductor["peers"]["used"]}
    assert served["nova-conductor"] == used["mariadb"] > 0
    assert used["rabbitmq-server"] > 0
    assert found["databases"]["nova"]["tables"] == int(said[-1])
    assert found["databases"]["nova"]["bytes"] > 1_000_000
    queues = {queue["name"]: queue["consumers"] for queue in found["queues"]["nova"]}
    assert queues["conductor"] >= 1
    assert conductor["files"]["/etc/nova/nova.conf"]["bytes"] > 500
    assert conductor["state"]["health"]["pss_mb"] > 20
    assert conductor["cpu_seconds"] > 0.5
    assert any("nova-conductor" in word for word in conductor["command"])


def test_an_anatomy_of_everything_holds_no_password(cloud: Any) -> None:
    """R-CRED-1: not in command lines, environments, log lines."""
    secrets = json.loads((cloud.folder.path / "secrets.json").read_text()).values()
    said = cloud.gureum("service", "show", *SERVICES, "--json").stdout
    assert not [secret for secret in secrets if len(secret) > 8 and secret in said]


def test_users_of_the_queue_changed_by_hand_are_put_right_without_a_restart(cloud: Any) -> None:
    """R-INFRA-2: password and rights, while RabbitMQ goes on; and a unit that would only not start
    at boot is enabled and left running."""
    look = f"systemctl show -p MainPID rabbitmq-server {UNIT}; systemctl is-enabled {UNIT}"
    before = cloud.ssh("one", look)
    cloud.ssh(
        "one",
        "rabbitmqctl -q change_password nova wrong && "
        f"rabbitmqctl -q clear_permissions -p neutron neutron && systemctl disable -q {UNIT}",
    )
    applied = cloud.gureum("apply").stderr
    assert "changed: one/rabbitmq.users" in applied
    assert f"changed: one/placement.unit.{UNIT}" in applied
    assert cloud.ssh("one", look) == before


def test_hosts_and_services_keep_utc(cloud: Any) -> None:
    """R-OPS-11: whatever the zone of the operator, and of the host."""
    shown = cloud.ssh("one", "date +%z; systemctl show -p Environment nova-api nova-compute")
    assert shown.startswith("+0000")
    assert shown.count("TZ=UTC") == 2
