"""R-PREP-1, D12: a run may go on without compute hosts that are down, and forgets nothing of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from one_host import FACTS
from three_hosts import ADDRESSES, look, scene

from gureum.errors import InputError
from gureum.hosts import Target
from gureum.hosts.refusal import refusal
from gureum.model.cloud import Cloud
from gureum.model.load import LoadedCloud
from gureum.operate.absent import absent
from gureum.operate.deployment import Deployment
from gureum.operate.host_check import Look
from gureum.state.folder import CloudFolder

HOSTS = {"c": ["controller"], "n": ["network"], "d": ["compute"], "e": ["compute"]}
AT = {name: f"192.0.2.{11 + place}" for place, name in enumerate(HOSTS)}


def deployment(tmp_path: Path) -> Deployment:
    hosts = {name: {"roles": roles} for name, roles in HOSTS.items()}
    cloud = Cloud.model_validate({"name": "n", "hosts": hosts})
    return Deployment(LoadedCloud(cloud), CloudFolder("n", tmp_path))


def said() -> dict[str, dict[str, Any]]:
    found = {}
    for place, name in enumerate(HOSTS):
        found[name] = json.loads(json.dumps(FACTS))
        found[name]["nics"][2]["ipv4"] = [f"198.51.100.{place + 1}/24"]
    return found


def gone(name: str) -> Look:
    target = Target(name, address=AT[name])
    return Look(name, target.where(), refused=refusal(target, "Connection timed out"))


def looks(*missing: str) -> dict[str, Look]:
    return {name: gone(name) if name in missing else Look(name) for name in HOSTS}


def test_compute_hosts_that_were_seen_before_may_be_left_out(tmp_path: Path) -> None:
    assert absent(deployment(tmp_path), looks("d"), said()) == ("d",)
    assert absent(deployment(tmp_path), looks(), said()) == ()


@pytest.mark.parametrize(
    ("missing", "seen", "words"),
    [
        ("c", True, "it is controller"),
        ("n", True, "it is network"),
        ("d", False, "d never answered"),
    ],
)
def test_what_a_cloud_cannot_do_without_stops_it(
    tmp_path: Path, missing: str, seen: bool, words: str
) -> None:
    before = said() if seen else {}
    with pytest.raises(InputError) as caught:
        absent(deployment(tmp_path), looks(missing), before)
    (problem,) = caught.value.diagnostics
    assert words in problem.summary
    assert problem.hint


def test_the_others_stay_what_they_are_and_wait_for_nobody(tmp_path: Path) -> None:
    """No file of another host changes, and no step waits for the host that is down."""
    of = deployment(tmp_path)
    whole = of.blueprint(AT, said())
    whole.secrets.save()
    rest = of.blueprint(AT, said(), absent=("e",)).without(("e",))
    assert set(rest.hosts) == {"c", "n", "d"}
    assert set(rest.contexts) == set(HOSTS)
    keys = {step.key for step in rest.steps}
    assert all(need in keys for step in rest.steps for need in step.needs | step.watches)
    before = {step.key: step for step in whole.steps}
    changed = {step.id for step in rest.steps if step.state.spec() != before[step.key].state.spec()}
    # What is looked for, not what is written.
    assert changed <= {"nova.computes_report", "nova.discovery"}
    assert any(AT["e"] in str(step.state.spec()) for step in rest.steps if step.host == "c")


def test_without_anybody_missing_nothing_is_copied(tmp_path: Path) -> None:
    whole = deployment(tmp_path).blueprint(AT, said())
    assert whole.without(()) is whole


def test_three_hosts_in_a_scene_know_the_others_addresses() -> None:
    found = scene()
    assert found.others("c") == [ADDRESSES["n"], ADDRESSES["d"]]
    assert replace(found.looks["d"], ports=()).answered
    assert look("d", found.cloud, found.looks["d"].facts, {}).nics.device("tunnel") == "eno3"
