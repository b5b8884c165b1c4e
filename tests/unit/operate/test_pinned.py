"""A name that only the cloud knows leads to the cloud (R-CONF-4)."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gureum.operate.known import api_names, keep_facts
from gureum.operate.pinned import pin
from gureum.state.folder import CloudFolder

NAME = "api.cloud.example"


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    pin({})


def test_a_pinned_name_is_reached_and_others_are_left_to_the_system(listener: int) -> None:
    with pytest.raises(socket.gaierror):
        socket.create_connection((NAME, listener), timeout=2)
    pin({NAME: "127.0.0.1"})
    socket.create_connection((NAME, listener), timeout=2).close()
    socket.create_connection(("localhost", listener), timeout=2).close()
    pin({})
    with pytest.raises(socket.gaierror):
        socket.create_connection((NAME, listener), timeout=2)


def test_a_script_runs_with_names_pinned_and_its_own_arguments(
    listener: int, tmp_path: Path
) -> None:
    script = tmp_path / "client"
    script.write_text(
        "import socket, sys\n"
        "if __name__ == '__main__':\n"
        "    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2).close()\n"
        "    print('reached', sys.argv[3:])\n"
    )
    pinned = f"{NAME}=127.0.0.1"
    words = ["-m", "gureum.operate.pinned", pinned, str(script), NAME, str(listener), "a=b", "-x"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.stdout == "reached ['a=b', '-x']\n", done.stderr


def test_names_are_kept_with_the_cloud(tmp_path: Path) -> None:
    folder = CloudFolder("cloud", tmp_path)
    assert api_names(folder) == {}
    keep_facts(folder, {"one": "192.0.2.11"}, {}, {NAME: "192.0.2.11"})
    assert api_names(folder) == {NAME: "192.0.2.11"}
