"""R-OPS-1: services and units by name, on all hosts or some; misspelt names get the nearest."""

from __future__ import annotations

import pytest

from gureum.errors import GureumError, InputError
from gureum.model.load import default_cloud
from gureum.operate.deployment import Deployment
from gureum.operate.known import Known
from gureum.operate.services.selection import select, the_known
from gureum.state.folder import CloudFolder


def names(cloud: Known, *wanted: str, hosts: tuple[str, ...] = ()) -> list[str]:
    return [f"{one.host}/{one.unit.name}" for one in select(cloud, wanted, hosts)]


def test_a_service_is_all_of_its_units_on_every_host(three: Known) -> None:
    found = names(three, "nova")
    assert {n for n in found if n.endswith("nova-compute")} == {
        "one/nova-compute", "two/nova-compute", "three/nova-compute",
    }  # fmt: skip
    assert [n for n in found if n.startswith("two/")] == [
        "two/nova-compute",
        "two/nova-migration-sshd",
    ]
    assert "one/nova-api" in found


@pytest.mark.parametrize("name", ["nova-scheduler", "nova-scheduler.service"])
def test_a_unit_by_its_name(cloud: Known, name: str) -> None:
    assert names(cloud, name) == ["one/nova-scheduler"]


def test_a_unit_that_is_named_twice_is_meant_once(cloud: Known) -> None:
    assert names(cloud, "nova-api", "nova").count("one/nova-api") == 1


def test_without_a_name_everything_is_meant_and_a_host_narrows_it(three: Known) -> None:
    assert len(names(three)) > len(names(three, hosts=("two",))) > 3
    assert names(three, "nova", hosts=("two",)) == ["two/nova-compute", "two/nova-migration-sshd"]


def test_every_name_that_means_nothing_is_told_with_the_nearest(cloud: Known) -> None:
    with pytest.raises(InputError) as caught:
        select(cloud, ["nova-schduler", "zzz", ""], ["oen"])
    said = [(d.summary, d.hint) for d in caught.value.diagnostics]
    assert said[0] == ("no host is named 'oen'", "did you mean 'one'?")
    assert said[1][1].startswith("did you mean 'nova-scheduler'")
    assert said[2][1].startswith("it has: chrony, mariadb, rabbitmq")
    assert said[3][0] == "an empty name is no service or unit"


def test_a_unit_that_is_elsewhere_is_told_where(three: Known) -> None:
    with pytest.raises(InputError) as caught:
        select(three, ["nova-api"], ["two"])
    [problem] = caught.value.diagnostics
    assert problem.summary == "nova-api is not on two but on one"


def test_a_cloud_that_nobody_made_leads_to_up(tmp_path: object) -> None:
    deployment = Deployment(default_cloud(), CloudFolder("cloud", tmp_path))  # type: ignore[arg-type]
    with pytest.raises(GureumError, match="no cloud 'cloud' yet"):
        the_known(deployment)
    deployment.folder.make()
    with pytest.raises(GureumError, match="nothing is known yet"):
        the_known(deployment)
