"""A network driver cannot be changed under networks that exist: refused, with the way on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.errors import GureumError
from gureum.model.cloud import Driver
from gureum.model.default import three_node
from gureum.model.load import LoadedCloud
from gureum.operate.deployment import Deployment
from gureum.operate.driver import refuse_another_driver, standing
from gureum.operate.known import built_with, keep_facts
from gureum.remote import facts_network
from gureum.state.folder import CloudFolder


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(LoadedCloud(three_node("n")), CloudFolder("n", tmp_path).make())


def test_hosts_with_the_other_driver_are_named_and_nothing_is_done(deployment: Deployment) -> None:
    """R-SVC-5: a reason and two ways out, each of them possible."""
    found = {"controller": "ovs", "network": "", "compute": "ovn"}
    with pytest.raises(GureumError) as caught:
        refuse_another_driver(deployment, found)
    assert "stands with network.driver: ovs, which cannot become ovn" in caught.value.summary
    assert caught.value.detail.startswith("controller: ")
    assert "keep network.driver: ovs" in caught.value.hint
    assert "down" in caught.value.hint


def test_hosts_without_a_driver_or_with_the_same_may_go_on(deployment: Deployment) -> None:
    refuse_another_driver(deployment, {"controller": "ovn", "network": "", "compute": ""})
    refuse_another_driver(deployment, standing({"one": {}, "two": {"network_driver": "ovn"}}))


def test_what_a_lab_was_built_with_is_known_before_an_image_is_made(deployment: Deployment) -> None:
    assert built_with(deployment.folder) == ""
    keep_facts(deployment.folder, {}, {}, driver=Driver.OVS.value)
    assert built_with(deployment.folder) == "ovs"


@pytest.mark.parametrize(
    ("files", "driver"),
    [
        ({}, ""),
        ({"ovn_agent.ini": ""}, "ovn"),
        ({"openvswitch_agent.ini": ""}, "ovs"),
        ({"ml2_conf.ini": "[ml2]\nmechanism_drivers = openvswitch,l2population\n"}, "ovs"),
        ({"ml2_conf.ini": "[ml2]\nmechanism_drivers = ovn\n"}, "ovn"),
        ({"ml2_conf.ini": "[ml2]\nmechanism_drivers = another\n"}, ""),
    ],
)
def test_a_host_tells_its_driver_by_neutrons_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], driver: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(facts_network, "NEUTRON", str(tmp_path))
    assert facts_network.driver() == driver
