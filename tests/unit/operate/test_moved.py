"""What a change of roles moves, and what it may not (R-TOPO-6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_host import FACTS

from gureum.errors import InputError
from gureum.model.load import load
from gureum.operate.deployment import Deployment
from gureum.operate.kept_input import keep_input
from gureum.operate.known import keep_facts
from gureum.operate.moved import check_moves
from gureum.state.folder import CloudFolder
from gureum.steps.states import NoRetiredUnits

THREE = """\
name: moves
hosts:
  a: {roles: [controller]}
  b: {roles: [network]}
  c: {roles: [compute]}
"""
ADDRESSES = {"a": "192.0.2.11", "b": "192.0.2.12", "c": "192.0.2.13"}


def deployment(tmp_path: Path, text: str) -> Deployment:
    file = tmp_path / "cloud.yaml"
    file.write_text(text)
    return Deployment(load(file), CloudFolder("moves", tmp_path))


@pytest.fixture
def built(tmp_path: Path) -> Deployment:
    """A cloud that was applied once."""
    found = deployment(tmp_path, THREE)
    keep_input(found.folder.make(), found.loaded)
    keep_facts(found.folder, ADDRESSES, dict.fromkeys(ADDRESSES, FACTS))
    return found


def wanted(of: Deployment, host: str) -> set[str]:
    steps = of.blueprint(ADDRESSES, dict.fromkeys(ADDRESSES, FACTS)).hosts[host].steps
    (state,) = (s.state for s in steps if isinstance(s.state, NoRetiredUnits))
    return set(state.units)


def test_a_role_that_moves_takes_its_units_along(built: Deployment, tmp_path: Path) -> None:
    moved = deployment(tmp_path, THREE.replace("[network]", "[network, compute]"))
    check_moves(moved)
    assert "nova-compute.service" in wanted(moved, "b") - wanted(built, "b")
    assert wanted(moved, "b") >= wanted(built, "b")
    text = THREE.replace("[controller]", "[controller, network]").replace(
        "b: {roles: [network]}", ""
    )
    assert wanted(deployment(tmp_path, text), "a") >= wanted(moved, "b") & wanted(built, "b")


def test_what_is_retired_ends_after_the_hosts_new_work_is_done(built: Deployment) -> None:
    steps = built.blueprint(ADDRESSES, dict.fromkeys(ADDRESSES, FACTS)).hosts["c"].steps
    (step,) = (s for s in steps if isinstance(s.state, NoRetiredUnits))
    assert "c/nova.unit.nova-compute" in step.needs


def test_the_controller_does_not_move_away_from_its_data(built: Deployment, tmp_path: Path) -> None:
    text = THREE.replace("a: {roles: [controller]}", "a: {roles: [compute]}")
    swapped = deployment(
        tmp_path, text.replace("c: {roles: [compute]}", "c: {roles: [controller]}")
    )
    with pytest.raises(InputError) as caught:
        check_moves(swapped)
    (problem,) = caught.value.diagnostics
    assert "from a to c" in problem.summary
    assert "cloud.yaml:5" in str(problem.source)
    check_moves(built)


def test_a_cloud_that_is_not_built_yet_may_be_anything(tmp_path: Path) -> None:
    check_moves(deployment(tmp_path, THREE))


def test_what_belongs_to_the_system_is_never_retired(built: Deployment) -> None:
    """A host whose journal gureum sets keeps its journal, whatever role it loses."""
    assert "rsyslog.service" in wanted(built, "b")
    assert not {"systemd-journald.service", "logrotate.timer"} & wanted(built, "b")
