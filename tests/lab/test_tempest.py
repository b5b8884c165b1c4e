"""`gureum tempest` on a real cloud: a few tests of Tempest, and nothing left of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

TOKENS = r"tempest\.api\.identity\.v3\.test_tokens"
NETWORK = r"test_networks\.NetworksTest\.test_show_network\b"


def test_tests_run_pass_and_leave_nothing(cloud: Any) -> None:
    """R-SVC-5: OpenStack's own tests of identity and network, by one command."""
    lines = cloud.gureum("tempest", TOKENS, NETWORK, "--json").stdout.splitlines()
    found = json.loads(lines[-1])
    assert found["type"] == "tempest"
    assert found["failed"] == 0
    assert found["passed"] >= 3
    log = Path(found["log"]).read_text()
    assert "test_show_network" in log
    settings = Path(found["configuration"])
    assert settings.stat().st_mode & 0o777 == 0o600
    password = settings.read_text().split("admin_password = ")[1].splitlines()[0]
    assert password not in log + "\n".join(lines)
    for kind in ("project", "user", "flavor", "image", "network"):
        left = cloud.gureum("openstack", kind, "list", "-f", "value", "-c", "Name").stdout
        assert "gtempest" not in left


def test_an_expression_that_finds_nothing_changes_nothing(cloud: Any) -> None:
    """R-SVC-5: whoever mistypes a test's name is told so, and the cloud is as it was."""
    ended = cloud.gureum("tempest", "test_no_such_thing", check=False)
    assert ended.returncode == 1
    assert "no test of Tempest is called like test_no_such_thing" in ended.stderr
    assert "gtempest" not in cloud.gureum("openstack", "flavor", "list").stdout
