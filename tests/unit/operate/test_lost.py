"""R-OPS-6: a host that lost the controllers is told by what it lost, since when, and what its VMs do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.made.clouds import deployment_of

from gureum.diagnostics import Severity
from gureum.model.cloud import Cloud, Host, Role
from gureum.model.load import LoadedCloud
from gureum.operate.health import HostContact, HostHealth, UnitHealth
from gureum.operate.host_reports import HostReport, host_reports
from gureum.operate.left_behind import left_behind
from gureum.operate.lost import doors, lost_hosts
from gureum.operate.status import declare

NOW = 1_800_000_000.0
CLOUD = LoadedCloud(
    Cloud(
        hosts={
            "ctl": Host(roles=(Role.CONTROLLER, Role.NETWORK)),
            "c1": Host(roles=(Role.COMPUTE,)),
        }
    ),
    "cloud.yaml",
)
WELL = HostContact(host="c1", compute=True, reported=NOW - 4, vms=2, running=2)
QUEUE = ("192.0.2.10", "the message queue on ctl")
THERE = HostHealth(name="c1")
AWAY = HostHealth(name="c1", error="c1 does not answer")


def told(
    *contacts: HostContact, host: HostHealth = THERE, units: tuple[UnitHealth, ...] = ()
) -> list[tuple[str, str, str]]:
    found = lost_hosts(CLOUD, contacts, [host], units, NOW)
    return [(d.severity.value, d.summary, d.hint) for d in found]


def test_a_host_in_touch_is_not_worth_a_word() -> None:
    assert told(WELL) == []


def test_a_cut_host_is_told_with_what_it_lost_and_that_its_vms_run_on() -> None:
    cut = replace(WELL, up=False, reported=NOW - 151, silent=(QUEUE,))
    [(severity, summary, hint)] = told(cut)
    assert severity == "error"
    assert "c1 has lost the controllers: it does not reach the message queue on ctl" in summary
    assert "nothing of it for 2 min 31 s (since " in summary
    assert summary.endswith("its 2 VMs run on, and nothing can be done with them until it is back")
    assert hint == "gureum ssh c1 ping -c 3 192.0.2.10"


def test_a_cut_is_told_before_nova_notices_it() -> None:
    [(_, summary, _)] = told(replace(WELL, silent=(QUEUE,), running=1))
    assert "nova heard of it 4 s ago; its 1 VM runs on" in summary


def test_a_silent_nova_compute_beside_a_network_that_works_is_restarted() -> None:
    silent = replace(WELL, up=False, reported=NOW - 90)
    [(severity, summary, hint)] = told(silent)
    assert severity == "error"
    assert "reaches the controllers" in summary
    assert hint == "gureum service restart --host c1 nova-compute"


def test_a_dead_unit_is_told_once_by_its_own_line() -> None:
    dead = UnitHealth(service="nova", name="nova-compute", host="c1", state="failed", good=False)
    assert told(replace(WELL, up=False), units=(dead,)) == []


def test_of_a_host_that_gureum_cannot_ask_the_cloud_tells_what_it_knows() -> None:
    gone = replace(WELL, up=False, reported=NOW - 600, running=None)
    [(severity, summary, _)] = told(gone, host=AWAY)
    assert severity == "error"
    assert "for 10 min 00 s" in summary
    assert "its 2 VMs may run on" in summary
    [(severity, summary, _)] = told(replace(WELL, running=None), host=AWAY)
    assert severity == "warning"
    assert "its VMs are well" in summary


def test_a_closed_host_is_told_with_its_reason() -> None:
    [(severity, summary, hint)] = told(replace(WELL, closed="new kernel (drained by ann)"))
    assert (severity, summary) == (
        "warning",
        "c1 takes no new VMs: new kernel (drained by ann)",
    )
    assert hint == "gureum host undrain c1"


def test_an_agent_that_neutron_does_not_hear_is_named() -> None:
    [(_, summary, hint)] = told(replace(WELL, dead=(("ovn-controller", NOW - 100),)))
    assert summary.startswith("neutron has not heard of ovn-controller of c1 since ")
    assert hint == "gureum service status --host c1"


def test_a_host_that_the_input_lacks_is_to_be_removed() -> None:
    [(severity, summary, hint)] = told(replace(WELL, host="c9"))
    assert severity == "warning"
    assert "c9 is no host of the input" in summary
    assert hint == "gureum host remove c9"


def test_a_plan_names_hosts_that_were_only_deleted_from_the_input(tmp_path: Path) -> None:
    deployment = deployment_of(3, tmp_path)
    on_record = {"controller-1": ["OVN chassis"], "gone": ["nova-compute", "OVN chassis"]}
    [said] = left_behind(deployment, on_record)
    assert said.severity is Severity.WARNING
    assert said.summary.endswith("nova-compute, OVN chassis")
    assert said.hint == "gureum host remove gone"


def test_what_a_host_stands_on_is_what_the_controllers_serve(tmp_path: Path) -> None:
    deployment = deployment_of(3, tmp_path)
    addresses = {name: f"192.0.2.{10 + i}" for i, name in enumerate(deployment.cloud.hosts)}
    found = doors(declare(deployment, addresses), ["controller-1"], addresses)
    assert found == {
        ("192.0.2.10", 5672): "the message queue on controller-1",
        ("192.0.2.10", 6642): "OVN's database on controller-1",
        ("192.0.2.10", 5000): "the API on controller-1",
    }


class MadeApi:
    """Answers of nova and neutron as they come over the wire."""

    def get(self, url: str) -> Any:
        if "/os-services" in url:
            service = {"binary": "nova-compute", "disabled_reason": None, "status": "enabled"}
            closed = {"status": "disabled", "disabled_reason": "new kernel"}
            when = {"updated_at": "2027-01-15T08:00:00.000000"}
            services = [
                {**service, "host": "c1", "state": "up", **when},
                {**service, **closed, "host": "c2", "state": "down", "updated_at": None},
            ]
            return {"services": services}
        agents = [
            {"host": "c2", "binary": "ovn-controller", "alive": False, "heartbeat_timestamp": "x"},
            {"host": "ctl", "binary": "neutron-l3-agent", "alive": False},
            {"host": "c1", "binary": "ovn-controller", "alive": True},
        ]
        return json.loads(json.dumps({"agents": agents}))


def test_reports_of_nova_and_neutron_are_put_together() -> None:
    found = host_reports(MadeApi(), "https://nova", "https://neutron")  # type: ignore[arg-type]
    assert found == (
        HostReport(host="c1", compute=True, up=True, reported=NOW),
        HostReport(
            host="c2",
            compute=True,
            up=False,
            closed="new kernel",
            dead=(("ovn-controller", None),),
        ),
        HostReport(host="ctl", dead=(("neutron-l3-agent", None),)),
    )
