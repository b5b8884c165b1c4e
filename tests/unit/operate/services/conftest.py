"""Clouds as they were last seen: an all-in-one, and one of several hosts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from one_host import FACTS

from gureum.model.cloud import Host, Role
from gureum.model.load import LoadedCloud, default_cloud
from gureum.operate.deployment import Deployment
from gureum.operate.known import Known, keep_facts, known
from gureum.state.folder import CloudFolder

CONTROLLER = Host(roles=(Role.CONTROLLER, Role.NETWORK, Role.COMPUTE))
COMPUTE = Host(roles=(Role.COMPUTE,))
Seen = Callable[[dict[str, Host]], Known]


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """Return a function that gives the cloud of these hosts, as if they had been looked at."""

    def make(hosts_of_it: dict[str, Host]) -> Known:
        loaded = default_cloud()
        cloud = loaded.cloud.model_copy(update={"hosts": hosts_of_it})
        loaded = LoadedCloud(**{**vars(loaded), "cloud": cloud})
        deployment = Deployment(loaded, CloudFolder("cloud", tmp_path))
        hosts = list(deployment.cloud.hosts)
        addresses = {name: f"192.0.2.{11 + n}" for n, name in enumerate(hosts)}
        keep_facts(deployment.folder.make(), addresses, dict.fromkeys(hosts, FACTS))
        return known(deployment)

    return make


@pytest.fixture
def cloud(seen: Seen) -> Known:
    """The all-in-one."""
    return seen({"one": CONTROLLER})


@pytest.fixture
def three(seen: Seen) -> Known:
    """A controller that computes as well, and two compute hosts."""
    return seen({"one": CONTROLLER, "two": COMPUTE, "three": COMPUTE})
