"""The API is asked as the administrator in one way, whatever the command."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gureum.errors import GureumError
from gureum.model.load import default_cloud
from gureum.operate.api import as_admin
from gureum.operate.known import keep_facts
from gureum.operate.pinned import pin
from gureum.state.credentials import write_credentials
from gureum.state.folder import CloudFolder

NAME = "api.cloud.example"


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    pin({})


def test_a_cloud_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(GureumError, match="there is no cloud 'cloud' yet"),
        as_admin(default_cloud(), CloudFolder("cloud", tmp_path), "silent"),
    ):
        pass


def test_a_cloud_that_goes_by_name_is_reached_and_its_silence_told(tmp_path: Path) -> None:
    """R-CONF-4: every command that asks the API finds it by a name that only the cloud knows."""
    folder = CloudFolder("cloud", tmp_path).make()
    folder.ca.write_text("")
    url = f"https://{NAME}:1/v3"
    write_credentials(folder, auth_url=url, region="RegionOne", password="x")  # noqa: S106
    keep_facts(folder, {"one": "127.0.0.1"}, {}, {NAME: "127.0.0.1"})
    with (
        pytest.raises(GureumError) as caught,
        as_admin(default_cloud(), folder, "keystone is silent") as api,
    ):
        list(api.identity.users())
    assert caught.value.summary == "keystone is silent"
    assert caught.value.hint == "gureum status"
    assert socket.getaddrinfo(NAME, 1)[0][4][0] == "127.0.0.1"
