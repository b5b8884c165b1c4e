"""What `status` and `endpoints` say of a real cloud, in order and with a part of it down."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

DOWN = "glance-api"


def status(cloud: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cloud.gureum("status", "--json", check=False).stdout)
    return found


def test_a_cloud_in_order_is_well(cloud: Any) -> None:
    """R-VERIFY-1: units, endpoints, certificates, memory and the last runs, in one quick look."""
    shown = cloud.gureum("status").stdout
    assert shown.startswith(f"the cloud '{cloud.name}' is well: ")
    assert max(map(len, shown.splitlines())) <= 120
    found = status(cloud)
    assert found["hosts"][0]["os"].startswith("Debian")
    assert found["hosts"][0]["pss_mb"] < 3072
    by_unit = {unit["name"]: unit for unit in found["units"]}
    assert all(unit["good"] and unit["since"] for unit in by_unit.values())
    assert by_unit["nova-compute"]["pss_mb"] > 20
    assert {api["service"] for api in found["api"]} >= {"keystone", "glance", "nova", "neutron"}
    assert all(api["tls"] and api["days"] > 300 for api in found["api"])
    assert {run["kind"]: run["good"] for run in found["runs"]} == {"apply": True, "verify": True}
    assert "ERROR" not in found["vms"]


def test_a_look_costs_less_than_two_seconds(cloud: Any) -> None:
    """Of processor time, for a machine that is busy with other tests says nothing about gureum."""
    before = os.times()
    cloud.gureum("status")
    after = os.times()
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 2


def test_a_unit_that_is_down_is_named_with_its_log(cloud: Any) -> None:
    """R-VERIFY-1: the unit and its silent endpoint are told, with what to type."""
    cloud.ssh("one", f"systemctl stop {DOWN}")
    try:
        done = cloud.gureum("status", check=False)
    finally:
        cloud.ssh("one", f"systemctl start {DOWN}")
    assert done.returncode == 1
    assert "is not well: 2 things are down" in done.stdout
    assert f"down: {DOWN} of one is inactive (dead)" in done.stdout
    assert "down: glance does not answer at https://" in done.stdout
    assert f" logs --cloud t --host one {DOWN}" in done.stdout
    until = time.monotonic() + 60
    while not status(cloud)["well"]:
        assert time.monotonic() < until, f"{DOWN} does not come back"


def test_the_catalogue_is_in_one_view(cloud: Any) -> None:
    """R-CRED-2: services, endpoints, users, keystone roles and who holds them where."""
    found = json.loads(cloud.gureum("endpoints", "--json").stdout)
    types = {service["type"] for service in found["services"]}
    assert types >= {"identity", "image", "placement", "compute", "network"}
    for service in found["services"]:
        interfaces = [endpoint["interface"] for endpoint in service["endpoints"]]
        assert interfaces == ["public", "internal", "admin"]
        assert all(endpoint["url"].startswith("https://") for endpoint in service["endpoints"])
    held = {(a["holder"], a["keystone_role"], a["scope"]) for a in found["assignments"]}
    assert {("admin", "admin", "project admin"), ("nova", "service", "project service")} <= held
    assert {user["name"] for user in found["users"]} >= {"admin", "nova", "neutron", "glance"}
    assert "admin in project admin" in cloud.gureum("endpoints").stdout


def test_nothing_of_the_shell_leads_elsewhere(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-CRED-1: a CA bundle, a proxy or another cloud's openrc in the shell changes nothing."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/etc/hostname")
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OS_AUTH_URL", "https://127.0.0.1:9/v3")
    monkeypatch.setenv("OS_PASSWORD", "another")
    assert status(cloud)["well"]
    cloud.gureum("endpoints")
    projects = cloud.gureum("openstack", "project", "list", "-f", "value", "-c", "Name").stdout
    assert "service" in projects.split()
    inventory = ("resource", "provider", "list", "-f", "value", "-c", "name")
    assert cloud.gureum("openstack", *inventory).stdout.split() == ["one"]
