"""RabbitMQ's users as its management API tells them, read from a server that speaks like it."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gureum.remote import queue_users
from gureum.remote.compare import drift
from gureum.state.secrets import Secret
from gureum.steps.openstack import QueueUsersPresent

ALL = {"configure": ".*", "write": ".*", "read": ".*"}
GOOD: dict[str, list[dict[str, Any]]] = {
    "/api/users": [
        {"name": "nova", "password_hash": "hash of nova", "tags": []},
        {"name": "gureum", "password_hash": "hash of gureum", "tags": ["administrator"]},
    ],
    "/api/permissions": [
        {"user": "nova", "vhost": "nova", **ALL},
        {"user": "gureum", "vhost": "nova", **ALL},
        {"user": "gureum", "vhost": "/", **ALL},
    ],
}


class Api(http.server.BaseHTTPRequestHandler):
    """Answers with `lists` whoever has the right password."""

    protocol_version = "HTTP/1.1"
    lists: dict[str, list[dict[str, Any]]] = GOOD

    def do_GET(self) -> None:
        right = "Basic " + base64.b64encode(b"gureum:right").decode()
        allowed = self.headers["Authorization"] == right
        body = json.dumps(self.lists[self.path] if allowed else {}).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def state(port: int, password: str = "right") -> QueueUsersPresent:  # noqa: S107
    return QueueUsersPresent(
        address="127.0.0.1",
        port=port,
        admin="gureum",
        password=Secret(password),
        users={
            "nova": (Secret("hash of nova"), (), ("nova",)),
            "gureum": (Secret("hash of gureum"), ("administrator",), ("/", "nova")),
        },
        definitions="/etc/rabbitmq/definitions.json",
    )


def drifted(port: int, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> dict[str, Any]:
    monkeypatch.setattr(Api, "lists", {**GOOD, **changed})
    wanted = state(port)
    return drift(wanted.expected(), queue_users.read(wanted.spec()))


def test_users_in_order_have_no_drift(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert drifted(port, monkeypatch) == {}


def test_a_password_that_was_changed_is_drift_without_showing_a_hash(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [{**GOOD["/api/users"][0], "password_hash": "hash of another"}, GOOD["/api/users"][1]]
    found = drifted(port, monkeypatch, **{"/api/users": users})
    assert set(found) == {"nova"}
    assert "hash of" not in str(found)


@pytest.mark.parametrize(
    "permissions",
    [
        GOOD["/api/permissions"][1:],
        [{**GOOD["/api/permissions"][0], "write": "^$"}, *GOOD["/api/permissions"][1:]],
        [*GOOD["/api/permissions"], {"user": "nova", "vhost": "neutron", **ALL}],
    ],
    ids=["no rights", "fewer rights", "rights in another virtual host"],
)
def test_rights_that_are_not_as_declared_are_drift(
    port: int, monkeypatch: pytest.MonkeyPatch, permissions: Any
) -> None:
    assert set(drifted(port, monkeypatch, **{"/api/permissions": permissions})) == {"nova"}


def test_a_user_that_was_removed_is_drift(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = drifted(port, monkeypatch, **{"/api/users": GOOD["/api/users"][1:]})
    assert found["nova"]["actual"] is None


def test_an_administrator_who_is_locked_out_is_drift_and_no_stumble(port: int) -> None:
    wanted = state(port, "wrong")
    reading = queue_users.read(wanted.spec())
    assert set(drift(wanted.expected(), reading)) == {"nova", "gureum"}
    assert "401" in reading["_output"]


def test_a_server_that_does_not_run_is_drift_and_no_stumble() -> None:
    wanted = state(1)
    assert set(drift(wanted.expected(), queue_users.read(wanted.spec()))) == {"nova", "gureum"}


def test_no_hash_reaches_the_host() -> None:
    assert "hash of" not in str(state(1).spec())
