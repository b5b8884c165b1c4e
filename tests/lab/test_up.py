"""`gureum up` end to end: what a user gets, requirement by requirement, on a real cloud."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gureum.checks.client import connect

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]


def test_up_ends_in_a_proven_cloud(cloud: Any) -> None:
    """R-TOPO-1, R-VERIFY-1, R-VERIFY-2: one command, every check with evidence, a VM that answered."""
    assert "stands, and a VM proved it" in cloud.up_output
    report = cloud.verification()
    status = {check["id"]: check["status"] for check in report["checks"]}
    assert "fail" not in status.values()
    proven = {"vm.active", "vm.address_by_dhcp", "vm.metadata_read", "vm.floating_ip_answers"}
    proven |= {"vm.ssh_by_key", "vm.bulk_tcp", "vm.security_group_filters", "vm.no_leftovers"}
    assert {id for id in proven if status.get(id) == "pass"} == proven
    assert all(c["evidence"] for c in report["checks"] if c["status"] == "pass")
    assert report["milestones"]["first VM answers ping"] > 0


def test_second_apply_changes_nothing(cloud: Any) -> None:
    """R-VERIFY-3: everything is as it was asked for, and gureum says so."""
    done = cloud.gureum("apply")
    assert "nothing to change" in done.stderr
    assert "nothing to change" in cloud.gureum("plan").stdout


def test_credentials_are_for_their_owner_only(cloud: Any) -> None:
    """R-CRED-1: openrc, clouds.yaml and the CA log an administrator in; nobody else reads them."""
    for path in (cloud.folder.openrc, cloud.folder.clouds_yaml, cloud.folder.path / "secrets.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(cloud.folder.path.stat().st_mode) == 0o700
    token = json.loads(cloud.gureum("openstack", "token", "issue", "-f", "json").stdout)
    assert len(token["id"]) > 100
    listed = cloud.ssh("one", "cat /proc/*/cmdline | tr '\\0' '\\n'")
    secrets = json.loads((cloud.folder.path / "secrets.json").read_text())
    assert not [name for name, value in secrets.items() if value in listed]


def test_catalogue_in_one_view(cloud: Any) -> None:
    """R-CRED-2: services, endpoints, users and roles; R-SVC-1 to R-SVC-5: each service answers."""
    text = cloud.gureum("endpoints").stdout
    for name in ("keystone", "glance", "placement", "nova", "neutron"):
        assert name in text
    for words in (
        ("image", "list"),
        ("resource", "provider", "list"),
        ("compute", "service", "list"),
        ("network", "agent", "list"),
        ("server", "list", "--all-projects"),
    ):
        cloud.gureum("openstack", *words, "-f", "json")


def test_an_image_comes_back_as_it_was_given(cloud: Any, tmp_path: Path) -> None:
    """R-SVC-2: glance stores what is uploaded, with its checksum, and gives it back unharmed."""
    given, returned = tmp_path / "given", tmp_path / "returned"
    given.write_bytes(os.urandom(3_000_000))
    options = ("--disk-format", "raw", "--container-format", "bare", "-f", "json")
    made = cloud.gureum("openstack", "image", "create", "--file", str(given), *options, "noise")
    assert json.loads(made.stdout)["status"] == "active"
    cloud.gureum("openstack", "image", "save", "--file", str(returned), "noise")
    assert returned.read_bytes() == given.read_bytes()
    cloud.gureum("openstack", "image", "delete", "noise")


def test_an_upload_may_pause_and_come_in_large_chunks(cloud: Any) -> None:
    """R-SVC-2: a busy client is silent for seconds, and volumes come in chunks of several MiB."""
    api = connect(cloud.folder.clouds_yaml, cloud.name)
    image = api.image.create_image(
        "in-chunks", disk_format="raw", container_format="bare", allow_duplicates=True
    )
    chunk = os.urandom(4 << 20)

    def chunks() -> Iterator[bytes]:
        yield chunk
        time.sleep(6)
        yield chunk

    try:
        done = api.image.put(
            f"/images/{image.id}/file",
            data=chunks(),
            headers={"Content-Type": "application/octet-stream"},
        )
        assert done.status_code == 204, done.text
        assert api.image.get_image(image.id).size == 2 * len(chunk)
    finally:
        api.image.delete_image(image.id)


def test_placement_knows_what_the_host_has_to_give(cloud: Any) -> None:
    """R-SVC-3: the host is a resource provider with processors, memory and disk, and nothing taken."""
    ask = ("resource", "provider")
    listed = json.loads(cloud.gureum("openstack", *ask, "list", "-f", "json").stdout)
    assert [provider["name"] for provider in listed] == ["one"]
    shown = cloud.gureum("openstack", *ask, "inventory", "list", listed[0]["uuid"], "-f", "json")
    inventory = {entry["resource_class"]: entry["used"] for entry in json.loads(shown.stdout)}
    assert inventory == {"VCPU": 0, "MEMORY_MB": 0, "DISK_GB": 0}


def test_host_knows_its_name(cloud: Any) -> None:
    """R-PREP-4: the running name, /etc/hostname and /etc/hosts agree, and sudo does not mind."""
    said = cloud.ssh("one", "hostname; cat /etc/hostname; getent hosts one; sudo true 2>&1")
    assert said.split()[:2] == ["one", "one"]
    assert "unable to resolve" not in said


def test_virtualisation_is_what_works(cloud: Any) -> None:
    """R-PREP-7: kvm where it really works, else emulation, and the configuration says why."""
    from gureum.lab import kvm

    works, _ = kvm.works()
    assert f"virt_type = {'kvm' if works else 'qemu'}" in cloud.ssh(
        "one", "cat /etc/nova/nova.conf"
    )


def test_database_server_is_set_for_the_load(cloud: Any) -> None:
    """R-INFRA-1: MariaDB holds every service; its limits are those that were asked for."""
    said = cloud.ssh(
        "one",
        "mariadb -N -e 'SELECT @@group_concat_max_len, @@max_connections; SHOW DATABASES'",
    ).split()
    assert said[0] == "1048576"
    assert int(said[1]) >= 500
    assert {"keystone", "glance", "placement", "nova_api", "nova", "nova_cell0", "neutron"} < {
        *said
    }
    assert cloud.ssh("one", "find /var/lib /etc -name '*.sqlite' 2>/dev/null") == ""


def test_queue_has_users_of_its_own(cloud: Any) -> None:
    """R-INFRA-2: a user and a virtual host for each service, no guest, and the management page."""
    users = cloud.ssh("one", "rabbitmqctl -q list_users")
    assert "nova" in users
    assert "neutron" in users
    assert "guest" not in users
    assert "nova" in cloud.ssh("one", "rabbitmqctl -q list_permissions -p nova")
    tls = "ssl.create_default_context(cafile='/etc/gureum/ca.pem')"
    asked = f"u.urlopen('https://one:15671/', context={tls}).status"
    assert (
        cloud.ssh("one", f'python3 -c "import ssl, urllib.request as u; print({asked})"') == "200\n"
    )
    plain = cloud.ssh("one", "ss -lntH 'sport = :15672'").split()
    assert plain[3] == "127.0.0.1:15672"


def test_tokens_are_cached(cloud: Any) -> None:
    """R-INFRA-3: memcached holds validated tokens."""
    report = {check["id"]: check for check in cloud.verification()["checks"]}
    assert report["memcached.answers"]["status"] == "pass"
    assert cloud.ssh("one", "grep -c memcached_servers /etc/nova/nova.conf").strip() == "1"


def test_keystone_answers_on_5000_only(cloud: Any) -> None:
    """R-SVC-1: nothing listens on 35357, no bypass token stays behind."""
    listening = cloud.ssh("one", "ss -lntH")
    assert ":5000 " in listening
    assert ":35357 " not in listening
    assert "admin_token" not in cloud.ssh("one", "cat /etc/keystone/*.conf")


def test_services_run_under_their_own_users(cloud: Any) -> None:
    """R-SVC-4: no service of OpenStack runs as root, but for privsep's confined helpers."""
    said = cloud.ssh("one", "ps -eo user:20,args | grep /opt/gureum/ | grep -v grep")
    rooted = [line for line in said.splitlines() if line.split()[0] == "root"]
    assert [line for line in rooted if "privsep-helper" not in line] == []
    users = {line.split()[0] for line in said.splitlines()}
    assert {"keystone", "glance", "placement", "nova", "neutron"} <= users


def test_operators_option_goes_through_the_same_gate(cloud: Any, tmp_path: Path) -> None:
    """R-CONF-1, R-CONF-3, R-CONF-6: refused when misspelt; planned, applied and taken back else."""
    wrong = tmp_path / "wrong.yaml"
    base = "name: t\nhosts:\n  one:\n    roles: [controller, network, compute]\n"
    wrong.write_text(f"{base}config:\n  nova.conf:\n    DEFAULT:\n      cpu_alocation_ratio: 4.0\n")
    refused = cloud.gureum("apply", "-f", str(wrong), check=False)
    assert refused.returncode == 1
    assert "cpu_allocation_ratio" in refused.stderr
    assert "wrong.yaml:8" in refused.stderr
    assert "Traceback" not in refused.stderr

    right = tmp_path / "right.yaml"
    right.write_text(
        f"{base}logging:\n  services: {{placement: debug}}\n"
        "config:\n  placement.conf:\n    placement:\n      randomize_allocation_candidates: true\n"
    )
    plan = cloud.gureum("plan", "-f", str(right)).stdout
    assert "+randomize_allocation_candidates = true" in plan
    assert "placement-api" in plan
    assert "nova-api" not in plan
    cloud.gureum("apply", "-f", str(right))
    written = cloud.ssh("one", "cat /etc/placement/placement.conf")
    assert "randomize_allocation_candidates = true" in written
    # R-CONF-7: debug messages for one service.
    assert "debug = true" in written
    cloud.gureum("openstack", "resource", "provider", "list")
    assert " DEBUG " in cloud.ssh("one", "tail -n 200 /var/log/placement/placement-api.log")
    # The cloud keeps in mind what it was built from: from now on this input is meant.
    assert "nothing to change" in cloud.gureum("plan").stdout
    cloud.back()
    assert "nothing to change" in cloud.gureum("plan").stdout


def test_logs_lie_in_files_and_the_journal_repeats_nothing(cloud: Any) -> None:
    """R-CONF-7: each unit has a log file of its own; a line in the journal too would be gathered twice."""
    for unit, path in (
        ("nova-scheduler", "/var/log/nova/nova-scheduler.log"),
        ("glance-api", "/var/log/glance/glance-api.log"),
        ("neutron-api", "/var/log/neutron/neutron-api.log"),
    ):
        assert " INFO " in cloud.ssh("one", f"head -n 200 {path}")
        assert " INFO " not in cloud.ssh("one", f"journalctl -u {unit} -n 300 --no-pager")


def test_taken_port_is_named_before_anything_changes(cloud: Any) -> None:
    """R-PREP-8: another program on a service's port stops the run, with what to type."""
    cloud.ssh(
        "one",
        "systemctl stop placement-api && systemd-run --quiet --unit=intruder "
        "python3 -m http.server --bind 127.0.0.1 8778 && sleep 1",
    )
    try:
        refused = cloud.gureum("apply", check=False)
        assert refused.returncode == 1
        assert "port 8778 is taken by intruder" in refused.stderr
        assert "hint:" in refused.stderr
    finally:
        cloud.ssh("one", "systemctl stop intruder")
    cloud.gureum("apply")
    assert cloud.ssh("one", "systemctl is-active placement-api").strip() == "active"


def test_status_tells_memory(cloud: Any) -> None:
    """R-SVC-9: what runs and what it costs; an idle cloud stays under 3 GB."""
    found = json.loads(cloud.gureum("status", "--json").stdout.splitlines()[-1])
    assert found["well"] is True
    text = cloud.gureum("status").stdout
    assert "nova-scheduler" in text


def test_snapshot_brings_a_whole_cloud_back(cloud: Any) -> None:
    """R-LAB-2: snapshot and restore of a finished cloud; services come back by themselves."""
    cloud.gureum("lab", "snapshot", "proven")
    cloud.gureum("openstack", "project", "create", "after-the-snapshot")
    began = time.monotonic()
    cloud.gureum("lab", "restore", "proven")
    while cloud.gureum("openstack", "project", "list", "-f", "json", check=False).returncode:
        assert time.monotonic() - began < 120
        time.sleep(0.5)
    listed = cloud.gureum("openstack", "project", "list", "-f", "json").stdout
    assert "after-the-snapshot" not in listed
    assert "nothing to change" in cloud.gureum("apply").stderr
