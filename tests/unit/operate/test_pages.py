"""Where pages and consoles of a cloud are, told without asking a host."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from one_host import FACTS

from gureum.errors import GureumError
from gureum.model.cloud import Dashboard
from gureum.model.default import all_in_one
from gureum.model.load import LoadedCloud, default_cloud
from gureum.operate import console
from gureum.operate.deployment import Deployment
from gureum.operate.known import keep_facts
from gureum.operate.pages import page, pages
from gureum.state.folder import CloudFolder
from gureum.views import pages_text
from gureum.views.data import plain


def deployment(tmp_path: Path, *, seen: bool = True, **changes: Any) -> Deployment:
    loaded = default_cloud()
    cloud = all_in_one().model_copy(update=changes)
    folder = CloudFolder("cloud", tmp_path).make()
    if seen:
        keep_facts(folder, {"one": "192.0.2.11"}, {"one": FACTS})
    found = Deployment(LoadedCloud(**{**vars(loaded), "cloud": cloud}), folder)
    secrets = folder.secrets()
    for name in ("keystone.admin", "rabbitmq.admin"):
        secrets.password(name)
    secrets.save()
    return found


@pytest.mark.parametrize(
    ("name", "url", "user", "tunnelled"),
    [
        ("dashboard", "https://192.0.2.11/", "admin", "https://localhost:8443/"),
        ("rabbitmq", "https://192.0.2.11:15671/", "gureum", "https://localhost:15671/"),
    ],
)
def test_a_page_is_told_without_its_password(
    tmp_path: Path, name: str, url: str, user: str, tunnelled: str
) -> None:
    """R-SVC-8, R-INFRA-2, R-CRED-1: address, user and where the password stands, not itself."""
    there = deployment(tmp_path)
    found = page(there, name)
    assert (found.url, found.user, found.tunnelled) == (url, user, tunnelled)
    kept = json.loads(Path(found.password_file).read_text())
    password = kept[found.password_key]
    said = "\n".join(text for text, _ in pages_text.lines(found)) + json.dumps(plain(found))
    assert password not in said
    assert found.password_key in said
    revealed = page(there, name, reveal=True)
    assert password in "\n".join(text for text, _ in pages_text.lines(revealed))


def test_what_there_is_not_is_an_error_with_a_way_on(tmp_path: Path) -> None:
    with pytest.raises(GureumError) as caught:
        page(deployment(tmp_path / "a"), "dashbord")
    assert caught.value.hint == "did you mean 'dashboard'?"
    with pytest.raises(GureumError) as caught:
        page(deployment(tmp_path / "b", seen=False), "dashboard")
    assert caught.value.hint == "gureum up"
    nowhere = Deployment(default_cloud(), CloudFolder("cloud", tmp_path / "d"))
    with pytest.raises(GureumError):
        page(nowhere, "dashboard")
    assert not nowhere.folder.exists
    off = deployment(tmp_path / "c", dashboard=Dashboard(enabled=False))
    with pytest.raises(GureumError) as caught:
        page(off, "dashboard")
    assert "dashboard.enabled: true" in caught.value.hint
    assert [p.name for p in pages(off)] == ["rabbitmq"]


def server(name: str, id: str, status: str = "ACTIVE", **more: Any) -> Any:
    return SimpleNamespace(name=name, id=id, status=status, project_id="p", fault=None, **more)


def test_a_vm_is_found_by_name_or_id_and_a_wrong_name_gets_the_nearest() -> None:
    """R-OPS-7"""
    loaded = default_cloud()
    there = [server("web", "1"), server("database", "2"), server("web", "3")]
    assert console.find(loaded, there, "database").id == "2"
    assert console.find(loaded, there, "3").id == "3"
    with pytest.raises(GureumError) as caught:
        console.find(loaded, there, "databse")
    assert caught.value.hint == "did you mean 'database'?"
    with pytest.raises(GureumError) as caught:
        console.find(loaded, there, "web")
    assert "2 VMs" in caught.value.summary
    assert caught.value.hint == "gureum console 1"
    with pytest.raises(GureumError) as caught:
        console.find(loaded, [], "web")
    assert "no VMs" in caught.value.detail


def test_a_vm_that_is_off_has_no_screen() -> None:
    """R-OPS-7"""
    loaded = default_cloud()
    console.ready(loaded, server("web", "1"))
    with pytest.raises(GureumError) as caught:
        console.ready(loaded, server("web", "1", "SHUTOFF"))
    assert caught.value.hint == "gureum openstack server start 1"


def test_an_operators_own_token_time_is_what_is_told(tmp_path: Path) -> None:
    there = deployment(tmp_path, config={"nova.conf": {"consoleauth": {"token_ttl": 60}}})
    assert console.seconds(there) == 60
    assert console.seconds(deployment(tmp_path / "other")) == 180
