"""Controller, network and compute on three hosts: who runs what, and who waits for whom (R-TOPO-2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.errors import ConfigError
from gureum.model.default import three_node
from gureum.model.load import LoadedCloud
from gureum.operate.deployment import Blueprint, Deployment
from gureum.plan.graph import Graph
from gureum.state.folder import CloudFolder

ADDRESSES = {"controller": "192.0.2.11", "network": "192.0.2.12", "compute": "192.0.2.13"}


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    deployment = Deployment(LoadedCloud(three_node("n")), CloudFolder("n", tmp_path))
    return deployment.blueprint(ADDRESSES)


def _units(blueprint: Blueprint, host: str) -> set[str]:
    return {u.name for d in blueprint.hosts[host].declarations for u in d.units}


def test_each_host_runs_what_its_role_calls_for(blueprint: Blueprint) -> None:
    controller, network, compute = (
        _units(blueprint, name) for name in ("controller", "network", "compute")
    )
    assert {"mariadb", "rabbitmq-server", "nova-api", "neutron-api", "haproxy"} <= controller
    assert not {"nova-compute", "ovn-controller", "neutron-ovn-agent", "libvirtd"} & controller
    assert {"ovn-controller", "neutron-ovn-agent"} <= network
    assert not {"nova-compute", "libvirtd", "mariadb", "haproxy"} & network
    assert {"nova-compute", "libvirtd", "ovn-controller", "neutron-ovn-agent"} <= compute
    assert not {"mariadb", "haproxy", "nova-conductor"} & compute


def test_everyone_waits_for_what_exists_only(blueprint: Blueprint) -> None:
    graph = Graph(blueprint.steps)
    compute = graph.before["compute/nova.unit.nova-compute"]
    assert "controller/nova.conductor_registered" in compute
    assert graph.before["controller/nova.discovery"] >= {"compute/nova.unit.nova-compute"}


def test_no_compute_host_gets_at_the_database(blueprint: Blueprint) -> None:
    """Upstream wants nova-compute without a way to the database; its passwords stay away too."""
    for name in ("network", "compute"):
        files = blueprint.hosts[name].tree.files
        assert "nova-database.conf" not in files
        settings = [s for f in files.values() for options in f.values() for s in options.values()]
        assert not [s for s in settings if "mysql" in str(getattr(s.value, "reveal", str)())]


def test_hosts_of_other_roles_install_less(blueprint: Blueprint) -> None:
    keys = {name: len(host.install_steps) for name, host in blueprint.hosts.items()}
    assert keys["network"] < keys["controller"]
    packages = {
        name: set(h.install_steps[0].state.spec()["names"]) for name, h in blueprint.hosts.items()
    }
    assert "mariadb-server" in packages["controller"] - packages["compute"] - packages["network"]
    assert "qemu-system-x86" in packages["compute"] - packages["controller"] - packages["network"]


def test_an_option_for_all_reaches_the_hosts_that_have_its_file(tmp_path: Path) -> None:
    """R-CONF-6: compute hosts have a nova.conf, network hosts none; a file nobody has is wrong."""
    option = {"nova.conf": {"DEFAULT": {"service_down_time": 90}}}
    found = _with(tmp_path, config=option).hosts
    assert "nova.conf" not in found["network"].tree.files
    for name in ("controller", "compute"):
        assert found[name].tree.files["nova.conf"]["DEFAULT"]["service_down_time"].value == 90
    with pytest.raises(ConfigError) as caught:
        _with(tmp_path, config={"nowa.conf": option["nova.conf"]})
    assert "nowa.conf" in caught.value.diagnostics[0].summary
    assert "nova.conf" in caught.value.diagnostics[0].hint


def _with(tmp_path: Path, **changes: object) -> Blueprint:
    loaded = LoadedCloud(three_node("n").model_copy(update=changes))
    return Deployment(loaded, CloudFolder("n", tmp_path)).blueprint(ADDRESSES)


def test_every_step_has_a_title_of_one_short_line(blueprint: Blueprint) -> None:
    """A plan is read by people: a program that a step runs is no title of it."""
    for step in blueprint.steps:
        assert "\n" not in step.state.title(), step.key
        assert len(step.state.title()) < 300, step.key
