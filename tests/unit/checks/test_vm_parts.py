"""The VM scenario's parts that need no cloud."""

from __future__ import annotations

import json
import os
import struct
import threading
import time
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from types import SimpleNamespace as Record
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gureum.checks.check import CheckResult, Evidence, Status, Verdict
from gureum.checks.vm import VmSettings, console, provider_range
from gureum.checks.vm.labels import is_stale, new_label
from gureum.checks.vm.milestones import Milestones
from gureum.checks.vm.outside import Outside, Watch
from gureum.checks.vm.shell import KeyPair, Shell
from gureum.checks.vm.stage import Stage, run_stages
from gureum.checks.vm.waiting import until
from gureum.errors import HostError
from gureum.model.cloud import ProviderNetwork
from gureum.remote import outside

SETTINGS = VmSettings(
    physical_network="provider",
    cidr=IPv4Network("192.0.2.0/24"),
    gateway=IPv4Address("192.0.2.1"),
    pool=(IPv4Address("192.0.2.100"), IPv4Address("192.0.2.200")),
    ca=Path("ca.pem"),
)
BOOT = """\
gureum-guest dhcp nic=eth0 seconds=1.86
gureum-guest address 192.168.222.63/24 mtu=1342 seconds=2.04
gureum-guest metadata source=openstack seconds=2.21
gureum-guest key ssh-ed25519 AAAA x
gureum-guest ready address=192.168.222.63/24 hostname=vm keys=1 user-data=ran mtu=1342 dhcp=2.04 ready=2.26
"""


def test_console_log_of_a_good_boot() -> None:
    """R-VERIFY-2: address, metadata and user data as the guest itself tells them."""
    log = console.read("SeaBIOS\r\n" + BOOT)
    assert log == console.ConsoleLog(
        address="192.168.222.63/24",
        hostname="vm",
        mtu=1342,
        keys=1,
        user_data="ran",
        metadata="openstack",
        ready=2.26,
    )


def test_only_the_last_boot_counts() -> None:
    log = console.read(
        BOOT + "gureum-guest dhcp nic=eth0 seconds=1.9\ngureum-guest no-dhcp nic=eth0\n"
    )
    assert (log.ready, log.address, log.trouble) == (0.0, "", "no-dhcp nic=eth0")


@given(st.text())
def test_any_console_log_is_read_without_a_crash(text: str) -> None:
    console.read(f"gureum-guest {text}")


def test_own_label_is_not_stale_and_a_dead_runs_is() -> None:
    """R-VERIFY-3: what a killed run left is removed, what a living one has is not."""
    label = new_label()
    assert not is_stale(label.name, label.description)
    dead = {**json.loads(label.description), "pid": 2**22 + 1}
    assert is_stale(label.name, json.dumps(dead))
    reused = {**json.loads(label.description), "started": "1"}
    assert is_stale(label.name, json.dumps(reused))


def test_labels_of_other_machines_are_stale_after_an_hour() -> None:
    owner = {**json.loads(new_label().description), "host": "elsewhere"}
    assert not is_stale("gureum-verify-1", json.dumps(owner))
    assert is_stale("gureum-verify-1", json.dumps({**owner, "at": int(time.time()) - 4000}))


@pytest.mark.parametrize("description", ["", "{}", "[]", "somebody's notes", '{"host": 1}'])
def test_what_is_not_ours_is_never_stale(description: str) -> None:
    """R-VERIFY-3: a customer's project that happens to have our prefix stays."""
    assert not is_stale("gureum-verify-mine", description)
    assert not is_stale("production", new_label().description)


def test_echo_request_has_a_right_checksum() -> None:
    packet = outside.echo_request(0x1234, 1, 57)
    assert len(packet) == 8 + 57
    assert outside.checksum(packet) == 0


def test_only_the_answer_to_our_own_request_counts() -> None:
    """R-VERIFY-2: a raw socket sees everybody's answers, and our own requests on loopback."""
    header = bytes([0x45]) + bytes(19)
    reply = header + struct.pack("!BBHHH", 0, 0, 0, 7, 1)
    request = header + struct.pack("!BBHHH", 8, 0, 0, 7, 1)
    assert outside.is_reply(reply, 7, raw=True)
    assert not outside.is_reply(reply, 8, raw=True)
    assert not outside.is_reply(request, 7, raw=True)
    assert not outside.is_reply(b"\x45", 7, raw=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="ICMP needs root or ping_group_range")
def test_loopback_answers_and_an_unused_address_does_not() -> None:
    assert outside.answers("127.0.0.1", timeout=1.0)
    assert outside.answers("127.0.0.1", packet=1342, whole=True)
    assert not outside.answers("240.0.0.1", timeout=0.1)


@pytest.mark.skipif(os.geteuid() != 0, reason="ICMP needs root or ping_group_range")
def test_a_watch_tells_the_first_answer_once() -> None:
    marks = Milestones()
    watch = Watch(Outside(), "127.0.0.1", lambda: marks.mark("ping"))
    assert watch.answered.wait(2)
    assert marks["ping"] < 2


def test_a_watch_from_a_host_that_goes_away_tells_so() -> None:
    """R-VERIFY-2: that is not a VM which does not answer; a host that is busy once is asked again."""

    def call(*_: Any, **__: Any) -> bool:
        calls.append(time.monotonic())
        if len(calls) == 3:
            return False
        raise HostError("network went away: EOF", hint="ssh root@192.0.2.1 uptime")

    calls: list[float] = []
    watch = Watch(Outside("network", call), "203.0.113.7", pause=0.01)
    until = time.monotonic() + 10
    while watch.error is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert len(calls) == watch.asked == 6
    assert watch.error.summary == "203.0.113.7 can be asked no more: network went away: EOF"
    assert watch.error.detail == "it is reached from network alone"
    assert watch.error.hint == "ssh root@192.0.2.1 uptime"
    assert not watch.answered.is_set()


def test_the_first_mark_counts() -> None:
    told: list[str] = []
    marks = Milestones(on_mark=told.append)
    marks.mark("a")
    first = marks["a"]
    time.sleep(0.01)
    marks.mark("a")
    marks.mark("b")
    assert marks["a"] == first
    assert told == ["a", "b"]
    assert list(marks.as_dict()) == ["a", "b"]
    assert marks.between("a", "b") > 0


def test_until_gives_up_and_can_be_stopped() -> None:
    assert until(lambda: 0, within=0.05, pause=0.01) is None
    stop = threading.Event()
    stop.set()
    began = time.monotonic()
    assert until(lambda: 0, within=30, stop=stop) is None
    assert time.monotonic() - began < 5


def test_key_pair_is_private_and_goes_away() -> None:
    """R-CRED-1: the key made for a run is readable by its owner alone, and kept on no disk."""
    keys = KeyPair()
    assert keys.path.is_relative_to(f"/proc/{os.getpid()}/fd")
    assert keys.path.read_text().startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert keys.public.startswith("ssh-ed25519 ")
    assert keys.path.stat().st_mode & 0o077 == 0
    command = Shell("192.0.2.1", "root", keys).command("true")
    assert command[-2:] == ("root@192.0.2.1", "true")
    keys.remove()
    assert not keys.path.exists()


def test_project_network_never_overlaps_the_providers() -> None:
    for cidr in ("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"):
        settings = VmSettings(
            physical_network="provider",
            cidr=IPv4Network(cidr),
            gateway=IPv4Address("192.0.2.1"),
            pool=(IPv4Address("192.0.2.2"), IPv4Address("192.0.2.3")),
            ca=Path("ca.pem"),
        )
        assert not IPv4Network(settings.project_cidr).overlaps(IPv4Network(cidr))


def test_provider_range_defaults_to_the_models_promise() -> None:
    network = IPv4Network("10.9.8.0/24")
    gateway, pool = provider_range(ProviderNetwork(), network)
    assert (str(gateway), [str(a) for a in pool]) == ("10.9.8.1", ["10.9.8.100", "10.9.8.250"])
    _, small = provider_range(ProviderNetwork(), IPv4Network("10.9.8.0/28"))
    assert [str(a) for a in small] == ["10.9.8.8", "10.9.8.14"]


def stage(id: str, status: Status, needs: tuple[str, ...] = ()) -> Stage[None]:
    verdict = Verdict(status=status, summary=status.value)
    return Stage(id=id, title=id, proves="", run=lambda _: verdict, needs=needs)


def test_a_failed_stage_skips_its_dependents_alone() -> None:
    """R-VERIFY-1: the root cause is told, dependents say what they need."""
    stages = [
        stage("a", Status.FAIL),
        stage("b", Status.PASS, ("a",)),
        stage("c", Status.PASS, ("b",)),
        stage("d", Status.PASS),
    ]
    seen: list[CheckResult] = []
    found = run_stages(stages, None, seen.append, lambda: (Evidence(command="console"),))
    assert [r.status for r in found] == [Status.FAIL, Status.SKIP, Status.SKIP, Status.PASS]
    assert found[1].summary == "needs a"
    assert [e.command for e in found[0].evidence] == ["console"]
    assert len(seen) == 4


def test_a_warning_skips_nothing() -> None:
    found = run_stages(
        [stage("a", Status.WARN), stage("b", Status.PASS, ("a",))], None, lambda _: None, tuple
    )
    assert found[1].status is Status.PASS


def test_furnishing_reuses_what_is_there() -> None:
    """R-VERIFY-3: a second run makes no second network or image."""
    from gureum.checks.vm import ensure_image, ensure_provider_network

    network = Record(provider_physical_network="provider", subnet_ids=["s"], id="n")
    image = Record(properties={"gureum_sha256": "abc"}, status="active", id="i")
    api = Record(
        network=Record(networks=lambda **_: [network]), image=Record(images=lambda **_: [image])
    )
    settings = Record(physical_network="provider")
    assert ensure_provider_network(api, settings) is network  # type: ignore[arg-type]
    assert ensure_image(api, Record(sha256="abc")) is image


def test_an_api_that_does_not_answer_is_a_failed_check_and_no_crash() -> None:
    """R-VERIFY-1: what goes wrong before the VM exists stands in the report like all else."""
    from gureum.checks.vm import Scenario, run_scenario

    class Silent:
        def __getattr__(self, name: str) -> object:
            raise ConnectionError("nobody answers at 192.0.2.1:5000")

    scenario = Scenario(Silent(), SETTINGS)
    results = run_scenario(scenario, Record())
    assert [r.status for r in results] == [Status.FAIL, *[Status.SKIP] * 9, Status.FAIL]
    assert "nobody answers" in results[0].summary
    assert results[0].hint
    assert results[-1].id == "vm.no_leftovers"


def test_outside_may_be_a_host() -> None:
    """R-PREP-3: what a host alone reaches is asked there, and SSH goes through it."""
    asked: list[tuple[Any, ...]] = []

    def call(function: Any, *args: Any, timeout: float) -> Any:
        asked.append((function.__name__, *args, timeout))
        return function is outside.answers

    there = Outside("net", call, ("ssh", "-o", "UserKnownHostsFile=/a%b c", "root@192.0.2.1"))
    assert there.answers("172.24.4.100", timeout=0.3, packet=900, whole=True)
    assert not there.greets("172.24.4.100")
    assert asked == [
        ("answers", "172.24.4.100", 0.3, 900, True, 10.3),
        ("greets", "172.24.4.100", 1.0, 11.0),
    ]
    assert there.words == "from net"
    shell = Shell("172.24.4.100", "root", KeyPair(), there.ssh_options())
    command = shell.command("true")
    [proxy] = [word for word in command if word.startswith("ProxyCommand=")]
    assert proxy == "ProxyCommand=ssh -o 'UserKnownHostsFile=/a%%b c' root@192.0.2.1 -W %h:%p"
    assert command[-2:] == ("root@172.24.4.100", "true")
    assert Outside().ssh_options() == ()
