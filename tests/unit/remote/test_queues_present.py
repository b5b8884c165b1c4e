"""Whether queues are there, asked of a server that speaks like RabbitMQ's management API."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gureum.remote import queues_present
from gureum.remote.failure import Failure


class Api(http.server.BaseHTTPRequestHandler):
    """Knows the queue q-plugin, and q-later from its third question on."""

    protocol_version = "HTTP/1.1"
    asked: dict[str, int]

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].removeprefix("/api/queues/neutron/")
        self.asked[name] = self.asked.get(name, 0) + 1
        there = name == "q-plugin" or (name == "q-later" and self.asked[name] >= 3)
        self.send_response(200 if there else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    Api.asked = {}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def spec(port: int, *queues: str, within: float = 5.0) -> dict[str, Any]:
    admin = {"admin": "gureum", "password": "x", "vhost": "neutron", "log": "/var/log/it.log"}
    return {"address": "127.0.0.1", "port": port, "queues": queues, "within": within, **admin}


def test_each_queue_is_told_and_what_listens_late_is_waited_for(port: int) -> None:
    """R-SVC-5: what an agent says before anybody listens is lost."""
    wanted = spec(port, "q-plugin", "q-later")
    reading = queues_present.read(wanted)
    assert (reading["q-plugin"], reading["q-later"]) == (True, False)
    [evidence] = queues_present.change(wanted, reading)
    assert evidence["exit"] == 0
    assert Api.asked["q-later"] == 3


def test_a_queue_that_nobody_makes_is_named_with_the_log_to_read(port: int) -> None:
    with pytest.raises(Failure, match=r"the queues q-none .* /var/log/it.log"):
        queues_present.change(spec(port, "q-plugin", "q-none", within=0.3), {})


def test_a_silent_rabbitmq_has_no_queues() -> None:
    reading = queues_present.read(spec(1, "q-plugin"))
    assert reading["q-plugin"] is False
    assert "refused" in reading["_output"]
