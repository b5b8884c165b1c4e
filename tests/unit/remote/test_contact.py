"""A host says what it does not reach, and which VMs run on it."""

from __future__ import annotations

import socket
import subprocess
import sys

from gureum.remote.contact import contact
from gureum.remote.facts_ports import listening
from gureum.remote.running_vms import running_vms


def test_only_shut_doors_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_server(("127.0.0.1", 0)) as closed:
            shut = closed.getsockname()[1]
        found = contact([("127.0.0.1", port), ("127.0.0.1", shut)])
    [[address, number, why]] = found["silent"]
    assert (address, number) == ("127.0.0.1", shut)
    assert "refused" in why
    assert contact([])["silent"] == []


def test_vms_are_known_by_their_processes() -> None:
    uuid = "0847f71f-dce7-40f5-b26b-06f9f72b8ddd"
    named = (
        "import ctypes, time; ctypes.CDLL(None).prctl(15, b'qemu-system-x86'); print(1, flush=True)"
    )
    words = ("-name", "guest=instance-00000007,debug-threads=on", "-uuid", uuid)
    program = [sys.executable, "-c", f"{named}; time.sleep(60)", *words]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as made:
        assert made.stdout is not None
        made.stdout.readline()
        found = running_vms()
        made.kill()
    assert {"pid": made.pid, "name": "instance-00000007", "uuid": uuid} in found
    assert not any(vm["pid"] == made.pid for vm in running_vms())


def test_a_socket_that_no_unit_holds_is_named_by_its_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        [mine] = [one for one in listening() if one["port"] == port]
    assert mine["process"]
