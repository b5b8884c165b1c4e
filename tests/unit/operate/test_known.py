"""A cloud as it was last seen: from its folder alone."""

from __future__ import annotations

import json
from pathlib import Path

from one_host import FACTS

from gureum.model.default import all_in_one
from gureum.model.load import LoadedCloud, default_cloud
from gureum.operate.deployment import Deployment
from gureum.operate.known import keep_facts, known
from gureum.state.folder import CloudFolder


def _deployment(tmp_path: Path) -> Deployment:
    return Deployment(default_cloud(), CloudFolder("cloud", tmp_path))


def test_facts_that_were_kept_shape_what_is_said_later(tmp_path: Path) -> None:
    deployment = _deployment(tmp_path)
    keep_facts(deployment.folder, {"one": "192.0.2.11"}, {"one": {**FACTS, "cpus": 16}})
    found = known(deployment)
    assert found.seen is not None
    context = found.blueprint.contexts["one"]
    assert (context.address, context.facts.cpus, context.workers) == ("192.0.2.11", 16, 4)
    assert deployment.folder.facts.stat().st_mode & 0o777 == 0o600


def test_a_cloud_that_nobody_looked_at_is_still_described(tmp_path: Path) -> None:
    found = known(_deployment(tmp_path))
    assert found.seen is None
    assert "nova.conf" in found.blueprint.hosts["one"].tree.files


def test_facts_of_other_hosts_or_torn_ones_are_no_picture(tmp_path: Path) -> None:
    deployment = _deployment(tmp_path)
    keep_facts(deployment.folder, {"two": "192.0.2.12"}, {"two": FACTS})
    assert known(deployment).seen is None
    deployment.folder.facts.write_text(json.dumps({"hosts": {}})[:-1])
    assert known(deployment).seen is None


def test_an_input_of_its_own_is_what_is_described(tmp_path: Path) -> None:
    cloud = all_in_one().model_copy(update={"region": "Busan"})
    loaded = default_cloud()
    deployment = Deployment(
        LoadedCloud(**{**vars(loaded), "cloud": cloud}), CloudFolder("cloud", tmp_path)
    )
    assert known(deployment).blueprint.contexts["one"].cloud.region == "Busan"
