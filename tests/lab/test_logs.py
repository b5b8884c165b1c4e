"""The logs of a whole cloud: gathered, found, followed, and told as a request's story (R-OPS-2)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from typing import Any

from reading_logs import logs, settled

HOSTS = "/var/log/gureum/hosts"


def test_every_unit_that_runs_is_in_the_gathered_logs(cloud: Any) -> None:
    """R-OPS-2: OpenStack apart from the system, nobody but root and adm may read."""
    cloud.gureum("openstack", "image", "list")
    listed = cloud.ssh(
        "one", f"stat -c '%a %U %G %n' /var/log/gureum {HOSTS} {HOSTS}/one {HOSTS}/one/*.log"
    )
    for line in listed.splitlines():
        mode, owner, group, path = line.split()
        assert (owner, group) == ("root", "adm"), line
        assert mode == ("640" if path.endswith(".log") else "750"), line
    units = {
        kind: set(cloud.ssh("one", f"cut -d' ' -f3 {HOSTS}/one/{kind}.log | sort -u").split())
        for kind in ("openstack", "system")
    }
    assert {
        "nova-api", "nova-compute", "nova-conductor", "nova-scheduler", "neutron-api", "keystone-api",
        "glance-api", "placement-api", "horizon", "haproxy",
    } <= units["openstack"]  # fmt: skip
    assert {"mariadb", "rabbitmq-server", "ovn-controller", "ovs-vswitchd", "libvirtd", "qemu", "systemd"} <= units["system"]  # fmt: skip # noqa: E501
    assert not units["system"] & {"nova-api", "haproxy"}


def test_the_configuration_is_right_in_rsyslog_s_own_eyes(cloud: Any) -> None:
    said = cloud.ssh("one", "rsyslogd -N1 2>&1; systemctl show rsyslog -p NRestarts")
    assert "End of config validation run" in said
    assert "error" not in said.lower()
    assert "NRestarts=0" in said


def test_a_line_goes_one_way_and_keeps_its_time(cloud: Any) -> None:
    """R-OPS-2: each line of a unit's own file is gathered exactly once, as it stands there."""
    script = (
        "import re\n"
        "path='/var/log/nova/nova-api.log'\n"
        "own=[l for l in open(path) if re.match('20', l)]\n"
        f"kept=[l.split(' ', 3) for l in open('{HOSTS}/one/openstack.log') if ' nova-api ' in l]\n"
        "kept=[(a, d) for a, _, unit, d in kept if unit == 'nova-api']\n"
        "lines=[tuple(l.split(' ', 1)) for l in own]\n"
        "print(len(lines), sum(kept.count(l) == 1 for l in set(lines)), len(set(lines)))\n"
    )
    count, once, different = map(int, cloud.ssh("one", f'python3 -c "{script}"').split())
    assert count > 20
    assert once == different


def test_filters_narrow_and_come_together(cloud: Any) -> None:
    cloud.gureum("openstack", "server", "list")
    found = settled(cloud, "nova", "--since", "10m", "-n", "50")
    assert found
    assert {one["service"] for one in found} == {"nova"}
    assert all(one["time"] > time.time() - 700 for one in found)
    assert [one["time"] for one in found] == sorted(one["time"] for one in found)
    mark = f"mark-{os.getpid()}"
    cloud.ssh(
        "one", f"logger -p user.err -t trial {mark} one; logger -p user.info -t trial {mark} two"
    )
    assert len(settled(cloud, "trial", "--grep", mark, count=2)) == 2
    [loud] = settled(cloud, "trial", "--grep", mark.upper().lower(), "--level", "error")
    assert (loud["level"], loud["text"], loud["host"]) == ("ERROR", f"{mark} one", "one")
    none = cloud.gureum("logs", "--grep", "no such words anywhere", check=False)
    assert (none.returncode, none.stdout) == (1, "")


def test_names_that_nobody_knows_get_the_nearest(cloud: Any) -> None:
    refused = cloud.gureum("logs", "nova-schduler", check=False)
    assert "no service or unit is named 'nova-schduler'" in refused.stderr
    assert "did you mean 'nova-scheduler'" in refused.stderr
    refused = cloud.gureum("logs", "--request", "req-0badc0de", check=False)
    assert "no log speaks of 'req-0badc0de'" in refused.stderr
    refused = cloud.gureum("logs", "--vm", "no-such-vm", check=False)
    assert "has and had no VM 'no-such-vm'" in refused.stderr


def test_a_request_is_followed_from_haproxy_to_the_compute_host(cloud: Any) -> None:
    """R-OPS-2: the VM that `up` booted, from the client's POST to nova-compute; and a VM's requests."""
    asked = logs(cloud, "haproxy", "--since", "1d", "--grep", "POST /v2.1/servers 202")
    assert asked
    story = json.loads(
        cloud.gureum("logs", "--request", asked[0]["request_id"][:16], "--json").stdout
    )
    first = story["events"][0]
    assert (first["ms"], first["call"], first["status"]) == (0, "POST /v2.1/servers", 202)
    units = {part["unit"] for part in story["parts"]}
    assert {
        "haproxy",
        "nova-api",
        "nova-scheduler",
        "nova-compute",
        "neutron-api",
        "placement-api",
    } <= units
    assert len(story["ids"]) > 5
    # nova-compute's thread that hears of other VMs' ends may write under the request it served last.
    named = Counter(
        found[0]
        for event in story["events"]
        if (found := re.findall(r"\[instance: ([0-9a-f-]{36})\]", event["record"]["text"]))
    )
    vm = named.most_common(1)[0][0]
    # The VM is long gone; its records and its requests are still found.
    told = cloud.gureum("logs", "--vm", vm)
    assert "nova-compute" in told.stdout
    assert "qemu" in told.stdout
    assert f"create: gureum logs --cloud t --request {story['id']}" in told.stderr


def test_a_unit_that_dies_at_its_start_is_found(cloud: Any) -> None:
    """R-OPS-2: it never opened its log file; what it printed and how it ended stand in the journal."""
    folder = "/run/systemd/system/nova-scheduler.service.d"
    broken = "import nowhere_to_be_found"
    lines = f"[Service]\\nExecStart=\\nExecStart=/usr/bin/python3 -c '{broken}'\\nRestart=no\\n"
    began = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    cloud.ssh(
        "one",
        f'mkdir {folder} && printf "{lines}" > {folder}/broken.conf && systemctl daemon-reload',
    )
    try:
        cloud.ssh("one", "systemctl restart nova-scheduler; sleep 1")
        found = settled(cloud, "nova-scheduler", "--since", began, "--level", "error")
        warned = settled(cloud, "nova-scheduler", "--since", began, "--grep", "status=1/FAILURE")
    finally:
        cloud.ssh(
            "one", f"rm -r {folder} && systemctl daemon-reload && systemctl restart nova-scheduler"
        )
        cloud.gureum("apply")
    [died] = [one for one in found if "Traceback" in one["text"]]
    assert died["level"] == "ERROR"
    assert (
        died["text"].splitlines()[-1]
        == "ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    )
    assert warned


def test_following_shows_what_comes(cloud: Any) -> None:
    argv = [sys.executable, "-m", "gureum", "logs", "--cloud", cloud.name, "-f", "trial", "--json"]
    environment = {**os.environ, "GUREUM_HOME": str(cloud.home)}
    mark = f"follow-{os.getpid()}"
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment) as follower:
        assert follower.stdout is not None
        try:
            cloud.ssh("one", f"for i in 1 2 3 4 5 6; do logger -t trial {mark} $i; sleep 1; done")
            seen: list[str] = []
            while len([text for text in seen if mark in text]) < 3:
                seen.append(json.loads(follower.stdout.readline())["text"])
        finally:
            follower.terminate()
    numbers = [int(text.split()[-1]) for text in seen if mark in text]
    assert numbers == sorted(set(numbers))


def test_no_secret_stands_in_any_log(cloud: Any) -> None:
    """R-CONF-7: nothing of the cloud's secrets, in any unit's log; HAProxy logs no token of a console."""
    secrets = json.loads((cloud.folder.path / "secrets.json").read_text())
    words = "\n".join(value for value in secrets.values() if len(value) >= 16)
    search = "cat > /run/words; grep -rlFf /run/words /var/log; rm /run/words"
    found = subprocess.run(
        [sys.executable, "-m", "gureum", "ssh", "--cloud", cloud.name, "one", search],
        input=words, capture_output=True, text=True, check=False,
        env={**os.environ, "GUREUM_HOME": str(cloud.home)},
    )  # fmt: skip
    assert found.stdout == ""


def test_a_rotation_loses_no_line(cloud: Any) -> None:
    """R-OPS-2: both a unit's own file and the gathered one are moved away under their writers."""
    mark, path = f"rotated-{os.getpid()}", "/var/log/nova/nova-scheduler.log"
    write = (
        "write() { for i in $(seq $1 $2); do "
        f'echo "$(date -u +%Y-%m-%dT%H:%M:%S.%6N+00:00) 1 INFO trial [-] {mark} $i" >> {path}; done; }}; '
    )
    cloud.ssh(
        "one",
        f"runuser -u nova -- bash -c '{write} write 1 100; mv {path} {path}.9; write 101 200'; "
        f"logrotate --force /etc/logrotate.d/gureum-gathered; rm {path}.9",
    )
    found = settled(cloud, "nova-scheduler", "--grep", mark, "-n", "400", count=200)
    assert [int(one["text"].split()[-1]) for one in found] == list(range(1, 201))
