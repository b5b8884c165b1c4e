"""Probes: what commands print in, facts out."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from gureum.remote import probes


def test_chronyc_tracking() -> None:
    """R-PREP-6: the offset is read as a number of seconds."""
    line = "0A000009,10.0.0.9,3,1763730000.1,0.000012345,-0.0002,0.0003,-1.2,0.01,0.4,0,0,64.2,Normal\n"
    assert probes.tracking(line) == {
        "reference": "10.0.0.9",
        "stratum": 3,
        "offset": 0.000012345,
        "leap": "Normal",
    }
    assert "error" in probes.tracking("506 Cannot talk to daemon")


def test_chronyc_sources() -> None:
    """R-PREP-6: reach is octal, a bit for each of the last eight questions."""
    lines = "^,*,192.0.2.1,2,6,377,20,0.001,0.001,0.01\n^,?,192.0.2.2,0,6,0,4294967295,0,0,0\n"
    assert probes.sources(lines) == {"192.0.2.1": 8, "192.0.2.2": 0}
    assert probes.sources("506 Cannot talk to daemon\n") == {}


def test_unit_properties() -> None:
    assert probes.unit_properties("Id=a.service\nResult=success=ful\n") == {
        "Id": "a.service",
        "Result": "success=ful",
    }


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/nova-compute.service", "nova-compute"),
        ("0::/machine.slice/machine-qemu\\x2d1\\x2dinstance.scope/libvirt", "virtual machines"),
        ("0::/user.slice/user-0.slice/session-1.scope", "session-1.scope"),
        ("0::/system.slice/system-x.slice/a@b.service/sub", "a@b"),
        ("", "other"),
    ],
)
def test_unit_of_a_process(cgroup: str, unit: str) -> None:
    assert probes.unit_of(cgroup) == unit


def test_memory_counts_this_very_process() -> None:
    assert sum(probes.memory().values()) > 1000


def test_addresses_of_a_name() -> None:
    """R-PREP-4: comments and other names do not count."""
    hosts = "127.0.0.1 localhost\n10.0.0.2 one one.example # two\n#10.0.0.3 two\n"
    assert probes.addresses_of("one", hosts) == ["10.0.0.2"]
    assert probes.addresses_of("two", hosts) == []


def test_bypass_tokens_are_found_and_their_values_are_not_told(tmp_path: Path) -> None:
    """R-SVC-1, R-CRED-1: where a token stands is said, what it is stays secret."""
    (tmp_path / "keystone.conf").write_text(
        "[DEFAULT]\n#admin_token = x\nadmin_token = s3cretvalue\nadmin_token_expiry = 1\n"
    )
    (tmp_path / "paste.ini").write_text("pipeline = cors admin_token_auth public_service\n")
    (tmp_path / "clean.conf").write_text("[DEFAULT]\nadmin_token =\n; admin_token_auth\n")
    found = probes.bypass_tokens(str(tmp_path))
    assert [line.rsplit("/", 1)[1] for line in found] == [
        *("keystone.conf:3: admin_token", "paste.ini:1: pipeline"),
    ]
    assert "s3cretvalue" not in str(found)


def test_ovsdb_rows() -> None:
    table = '{"headings": ["name", "hostname"], "data": [["a", "one"]]}'
    assert probes.ovsdb_rows(table) == [{"name": "a", "hostname": "one"}]


def test_memcached_statistics_come_from_a_real_socket() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server:

        def answer() -> None:
            with server.accept()[0] as connection:
                connection.recv(100)
                connection.sendall(b"STAT uptime 12\r\nSTAT curr_items 7\r\nEND\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        found = probes.memcached("127.0.0.1", server.getsockname()[1])
        thread.join()
    assert found == {"uptime": "12", "curr_items": "7"}


def test_a_silent_memcached_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "error" in probes.memcached("127.0.0.1", port)
