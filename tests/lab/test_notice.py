"""Who notices that a unit restarts: each is restarted, as an apply does it, while the APIs and a VM
are watched from outside. What a declaration promises has to hold.

How long a restart takes depends on what else the machine does; whether requests fail or packets
stop does not. Times are therefore judged by how long the restart itself took beside what it was
declared to take.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from watching import Answer, ApiWatch, PingWatch

from gureum.checks.vm import Scenario
from gureum.model.load import default_cloud
from gureum.operate.deployment import Deployment
from gureum.operate.run import Ready, connected
from gureum.operate.verify import Verification
from gureum.remote import perform
from gureum.services.declaration import OpenTo
from gureum.steps.notice import EVERY, Effect, Notice
from gureum.steps.step import Step

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

GROUPS = (
    (
        "gureum-firewall",
        "chrony",
        "rsyslog",
        "systemd-journald",
        "logrotate.timer",
        "ovn-northd",
        "ovn-central",
        "ovn-ovsdb-server-nb",
        "ovn-ovsdb-server-sb",
    ),
    ("ovn-controller", "ovn-host"),
    ("keystone-api",),
    ("glance-api", "placement-api"),
    ("nova-api", "nova-metadata"),
    ("nova-conductor", "nova-scheduler", "nova-compute", "libvirtd.socket", "libvirtd"),
    ("neutron-api",),
    ("neutron-periodic-workers", "neutron-ovn-maintenance-worker", "neutron-ovn-agent"),
    ("memcached",),
    ("haproxy",),
    ("mariadb",),
    ("ovsdb-server", "ovs-vswitchd", "openvswitch-switch", "gureum-tunnel"),
    ("rabbitmq-server",),
)
"""Units that are restarted together, to save time; what each is to show does not mix with others'."""
AFTERWARDS = 1.5
"""Seconds of watching after a restart is done: what it breaks may show late."""
LOST = 1.0
"""Seconds without an answer to ten pings a second that a busy machine may cost by itself."""
SLACK = 2.0
"""Seconds that a request may take on a busy machine without anything being restarted."""


@dataclass(frozen=True)
class Watched:
    """A cloud with a VM that answers, and those who watch both."""

    ready: Ready
    apis: ApiWatch
    ping: PingWatch
    names: frozenset[str]


@pytest.fixture(scope="module")
def watched(cloud: Any) -> Iterator[Watched]:
    """Boot a VM, watch it and every API until the last test of this module, and remove it."""
    os.environ["GUREUM_HOME"], before = str(cloud.home), os.environ.get("GUREUM_HOME")
    try:
        with connected(Deployment(default_cloud(cloud.name), cloud.folder), print) as ready:
            yield from _with_vm(ready)
    finally:
        os.environ.pop("GUREUM_HOME")
        if before is not None:
            os.environ["GUREUM_HOME"] = before


def _with_vm(ready: Ready) -> Iterator[Watched]:
    guest = Verification.guest_image(print)
    verification = Verification(ready, None, print)  # type: ignore[arg-type]
    api = verification.context().api
    scenario = Scenario(api, verification._settings())
    try:
        scenario.prepare()
        scenario.furnish(guest)
        scenario.boot(guest)
        assert scenario._failed is None, scenario._failed
        assert scenario._prepared is not None
        host = next(iter(ready.blueprint.hosts.values()))
        context = next(iter(ready.blueprint.contexts.values()))
        proxied = [p for d in host.declarations for p in d.proxied]
        # What the firewall opens to the cloud's own hosts alone cannot be watched from here.
        urls = {p.name: context.api(p.port) for p in proxied if p.open_to is OpenTo.EVERYONE}
        folder: Path = ready.deployment.folder.ca
        with (
            PingWatch(scenario._prepared.floating_ip) as ping,
            ApiWatch(urls, str(folder), api.auth_token) as apis,
        ):
            _until(lambda: bool(ping.answers), 180)
            time.sleep(2)
            yield Watched(ready, apis, ping, frozenset(apis.watched))
    finally:
        scenario.stop()
        left = scenario.clean()
    assert all(result.status.value == "pass" for result in left), left


def test_every_unit_is_in_a_group(watched: Watched) -> None:
    """A new unit is watched as well, or stands here with its reason."""
    # The dashboard and the consoles have tests of their own.
    left_out = {"horizon", "nova-novncproxy"}
    assert set(_units(watched)) - left_out == {name for group in GROUPS for name in group}


@pytest.mark.parametrize("group", GROUPS, ids="+".join)
def test_a_restart_is_noticed_as_declared(watched: Watched, group: tuple[str, ...]) -> None:
    """R-CONF-4: requests wait or fail only where it says so, and VMs lose no packet unless it says so."""
    units = _units(watched)
    notices = [notice for name in group if (notice := units[name].notice)]
    _settle(watched)
    began = time.monotonic()
    took = _restart(watched, [units[name] for name in group])
    time.sleep(AFTERWARDS)
    ended = time.monotonic()
    silence = watched.ping.longest_silence(began, ended)
    allowed = max(n.traffic for n in notices)
    assert silence < (LOST if not allowed else LOST + 3 * allowed), (
        f"the VM was silent for {silence:.1f} s, {allowed} s are declared"
    )
    answers = watched.apis.between(began, ended)
    assert {a.api for a in answers} == watched.names, "an API gave no answer at all"
    for api in watched.names:
        mine = [n for n in notices if api in n.apis or EVERY in n.apis]
        _judge([a for a in answers if a.api == api], mine, took)


def _judge(answers: list[Answer], notices: list[Notice], took: float) -> None:
    """Fail where requests failed or waited more than any of the notices says."""
    failed = [a for a in answers if not a.good]
    may_fail = any(n.effect is Effect.ERRORS for n in notices)
    assert may_fail or not failed, failed[:5]
    longest = max((a.seconds for a in answers), default=0.0)
    # A start keeps a processor busy, which others notice on a host of two; a pause would be longer.
    allowed = max([took, *(n.seconds for n in notices)]) if notices else took / 2
    assert longest < allowed + SLACK, (longest, allowed, took)


def _settle(watched: Watched) -> None:
    """Wait until what an earlier restart broke is whole again: every API answers at once."""
    since = time.monotonic()

    def quick(api: str) -> bool:
        mine = [a for a in watched.apis.answers if a.api == api and a.began > since]
        return bool(mine) and mine[-1].good and mine[-1].seconds < SLACK / 2

    _until(lambda: all(map(quick, watched.names)), 60)


def _restart(watched: Watched, steps: list[Step]) -> float:
    """Restart units one after another, as an apply does with those that it changes."""
    began = time.monotonic()
    for step in steps:
        state = step.state
        job = watched.ready.sessions[step.host].submit(
            perform.perform, state.kind, state.spec(), state.expected(), True, step.timeout
        )
        job.result()
    return time.monotonic() - began


def _units(watched: Watched) -> dict[str, Step]:
    return {
        step.id.split(".unit.")[1]: step
        for step in watched.ready.blueprint.steps
        if step.notice is not None
    }


def _until(done: Any, within: float) -> None:
    until = time.monotonic() + within
    while not done():
        assert time.monotonic() < until, f"not within {within} s"
        time.sleep(0.1)
