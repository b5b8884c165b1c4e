"""An all-in-one cloud's context, as the declarations are given it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.model.cloud import Cloud, Host, Role
from gureum.releases import load_release
from gureum.services.context import Context, HostFacts
from gureum.state.secrets import Secret, Secrets

ROLES = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    cloud = Cloud(hosts={"one": Host(roles=ROLES)})
    return Context(
        cloud=cloud,
        host="one",
        facts=HostFacts(cpus=2, memory_mb=16000, provider_nic="eth1", management_nic="host0"),
        secrets=Secrets(tmp_path / "secrets.json"),
        release=load_release("2026.2"),
        addresses={"one": "10.0.0.10"},
        ca="-----BEGIN CERTIFICATE-----\n",
        certificate_bundle=Secret("bundle"),
    )
