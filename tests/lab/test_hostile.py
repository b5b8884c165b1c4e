"""A cloud that is damaged, cut off half way and looked through for its secrets, on real hosts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

DAMAGE = """
set -e
echo '# by hand' >> /etc/nova/nova.conf
chmod 644 /etc/placement/placement.conf
mariadb -e "DROP USER glance@'%'; ALTER USER nova@'%' IDENTIFIED BY 'another'"
systemctl stop placement-api
systemctl disable --quiet memcached
"""


def openstack(cloud: Any, *words: str) -> Any:
    """Return what the client says, as data."""
    return json.loads(cloud.gureum("openstack", *words, "-f", "json").stdout)


def endpoints(cloud: Any) -> list[tuple[str, str, str]]:
    """Return the catalogue without its ids, duplicates included."""
    rows = openstack(cloud, "endpoint", "list")
    return sorted((row["Service Type"], row["Interface"], row["URL"]) for row in rows)


def lasting(cloud: Any) -> dict[str, list[str]]:
    """Return the names of all that a cloud holds, duplicates included."""
    kinds = {
        "user": ("user", "list"),
        "project": ("project", "list"),
        "network": ("network", "list"),
        "image": ("image", "list"),
        "server": ("server", "list", "--all-projects"),
    }
    return {
        kind: sorted(row["Name"] for row in openstack(cloud, *words))
        for kind, words in kinds.items()
    }


@pytest.fixture
def running(cloud: Any) -> Iterator[Any]:
    """Return a function that starts `gureum up` and hands its lines on as they come."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        up = subprocess.Popen(
            [sys.executable, "-m", "gureum", "up", "--cloud", cloud.name, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "GUREUM_HOME": str(cloud.home)},
            start_new_session=True,
        )
        started.append(up)
        return up

    yield start
    for up in started:
        up.kill()
        up.communicate()


def read_until(up: subprocess.Popen[str], words: str) -> str:
    """Return what a run said up to the line that holds `words`."""
    said = ""
    assert up.stdout is not None
    for line in up.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"{words!r} was never said:\n{said[-2000:]}")


def test_damage_is_shown_and_put_right(cloud: Any) -> None:
    """R-CONF-7, R-VERIFY-3: what was changed by hand is drift, and apply takes it back."""
    before = endpoints(cloud)
    glance = openstack(cloud, "endpoint", "list", "--service", "image", "--interface", "internal")
    neutron = openstack(cloud, "user", "show", "neutron")
    cloud.gureum("openstack", "endpoint", "delete", glance[0]["ID"])
    cloud.gureum("openstack", "user", "set", "--password", "another", neutron["id"])
    cloud.ssh("one", DAMAGE)

    plan = cloud.gureum("plan").stdout
    for words in (
        "-# by hand",
        "mode: 0644 -> 0640",
        "user:glance: none -> password ",
        "user:nova: password ",
        "user:neutron: {'password': 'refused'",
        "placement-api.service",
        "memcached.service",
        "edited by hand since ",
        "service:image: ",
    ):
        assert words in plan
    cloud.gureum("apply")
    assert "nothing to change" in cloud.gureum("plan").stdout
    assert endpoints(cloud) == before
    assert openstack(cloud, "image", "list")


def test_a_unit_that_cannot_start_is_the_root_cause(cloud: Any) -> None:
    """R-VERIFY-3: the step, its evidence, the log's lines and a hint; dependents are skipped."""
    program, folder = "/opt/missing", "/run/systemd/system/nova-conductor.service.d"
    lines = f"[Service]\\nExecStart=\\nExecStart={program}\\n"
    cloud.ssh(
        "one",
        f"mkdir {folder} && printf '{lines}' > {folder}/broken.conf && systemctl daemon-reload && "
        "systemctl stop nova-conductor",
    )
    failed = cloud.gureum("apply", check=False)
    cloud.ssh("one", f"rm -r {folder} && systemctl daemon-reload")
    assert failed.returncode == 1
    assert "failed: one/nova.unit.nova-conductor" in failed.stderr
    assert f"Unable to locate executable '{program}'" in failed.stderr
    assert "skipped: needs one/nova.unit.nova-conductor: " in failed.stderr
    assert (
        "hint: gureum ssh --cloud t one journalctl -u nova-conductor.service -n 100"
        in failed.stderr
    )
    cloud.gureum("apply")


def test_a_full_disk_is_named(cloud: Any) -> None:
    cloud.ssh(
        "one",
        "mkdir /mnt/kept && cp -a /etc/glance/. /mnt/kept && "
        "mount -t tmpfs -o size=256k none /etc/glance && cp -a /mnt/kept/. /etc/glance && "
        "echo '# more' >> /etc/glance/glance-api.conf; cat /dev/zero > /etc/glance/full; true",
    )
    failed = cloud.gureum("apply", check=False)
    cloud.ssh("one", "umount /etc/glance && rm -r /mnt/kept")
    assert failed.returncode == 1
    assert "no space left for /etc/glance/glance-api.conf" in failed.stderr
    assert "hint: gureum ssh --cloud t one df -h /etc/glance" in failed.stderr
    cloud.gureum("apply")


def test_killed_while_it_verifies_the_same_command_ends_well(cloud: Any, running: Any) -> None:
    """kill -9 of the run with a VM half proven, then Ctrl-C, then the whole: nothing is doubled."""
    before = (endpoints(cloud), lasting(cloud))
    first = running()
    read_until(first, "server requested")
    time.sleep(1)
    first.kill()
    first.wait()

    second = running()
    said = read_until(second, "connecting")
    os.killpg(second.pid, signal.SIGINT)
    said += second.communicate(timeout=60)[0]
    assert second.returncode == 130
    assert "Traceback" not in said
    assert "this goes on where it was" in said

    cloud.gureum("up")
    assert (endpoints(cloud), lasting(cloud)) == before
    journal = (cloud.folder.path / "journal.jsonl").read_text().splitlines()
    assert all(json.loads(line)["event"] for line in journal)


def test_secrets_stay_where_they_belong(cloud: Any) -> None:
    """R-CRED-1: no secret in what gureum wrote or said, nor in what the host logs and runs."""
    secrets = json.loads((cloud.folder.path / "secrets.json").read_text())
    places = {
        str(path): path.read_text(errors="replace")
        for folder in (cloud.folder.path, cloud.home / "lab" / cloud.name)
        for path in Path(folder).glob("*")
        if path.is_file() and path.name not in ("secrets.json", "openrc", "clouds.yaml")
    }
    places["up"] = cloud.up_output
    cloud.ssh("one", "touch -d '1 hour ago' /etc/nova/nova.conf; sed -i '$d' /etc/nova/nova.conf")
    places["plan"] = cloud.gureum("plan").stdout
    places["apply"] = cloud.gureum("apply", "--json").stdout
    host = {
        "logs": "grep -rhI '' /var/log --exclude-dir=journal",
        "journal": "journalctl --no-pager --output=cat --boot | iconv -c -t ascii",
        "commands": "cat /proc/*/cmdline | tr '\\0' ' ' | iconv -c -t ascii",
        "environments": "systemctl show '*' --property=Environment",
        "units": "cat $(find /etc/systemd /run/systemd/system -type f)",
    }
    places |= {name: cloud.ssh("one", f"({command}) 2>/dev/null") for name, command in host.items()}
    assert all(places[name] for name in ("up", "plan", "apply", *host))
    found = [
        (place, name)
        for place, text in places.items()
        for name, value in secrets.items()
        if value in text
    ]
    assert not found
