"""State `queue_users`: RabbitMQ's users have their passwords and rights, and no more than those."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from typing import Any

from gureum.remote.failure import Evidence
from gureum.remote.process import must

ALL = ".*"
TIMEOUT = 8.0


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return `password` (a mark), `tags` and `vhosts` of each user; None for one that is not there.

    By the management API, in some milliseconds: a rabbitmqctl command costs a second.
    """
    try:
        users, permissions = _ask(spec, "users", "permissions")
    except (OSError, ValueError, http.client.HTTPException) as error:
        return {**dict.fromkeys(spec["users"]), "_answers": False, "_output": str(error)}
    found = {user["name"]: user for user in users}
    return {
        **{name: _user(found.get(name), permissions) for name in spec["users"]},
        "_permissions": [[p["user"], p["vhost"]] for p in permissions],
    }


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Load the definitions into the running server, and take away rights that they do not give.

    Through rabbitmqctl, which works as well when the administrator's own password was changed.
    """
    evidence: list[Evidence] = []
    load = ("rabbitmqctl", "--quiet", "import_definitions", spec["definitions"])
    must(load, evidence, "cannot load RabbitMQ's users", timeout=60)
    given = actual.get("_permissions")
    if given is None:
        given = read(spec).get("_permissions", [])
    for user, vhost in given:
        if user in spec["users"] and vhost not in spec["users"][user]["vhosts"]:
            take = ("rabbitmqctl", "--quiet", "clear_permissions", "--vhost", vhost, user)
            must(take, evidence, f"cannot take {user}'s rights in {vhost}", timeout=60)
    return evidence


def _user(user: dict[str, Any] | None, permissions: list[dict[str, Any]]) -> Any:
    if user is None:
        return None
    given = [p for p in permissions if p["user"] == user["name"]]
    full = [p for p in given if p["configure"] == p["write"] == p["read"] == ALL]
    tags = user["tags"]
    return {
        "password": mark(user["password_hash"]),
        # A list since RabbitMQ 3.9, before that a text.
        "tags": sorted(tags if isinstance(tags, list) else filter(None, tags.split(","))),
        "vhosts": sorted(p["vhost"] for p in full),
    }


def mark(password_hash: str) -> str:
    """Return what stands for a password's hash where people read it."""
    return "password " + hashlib.sha256(password_hash.encode()).hexdigest()[:8]


def _ask(spec: dict[str, Any], *lists: str) -> list[Any]:
    token = base64.b64encode(f"{spec['admin']}:{spec['password']}".encode()).decode()
    connection = http.client.HTTPConnection(spec["address"], spec["port"], timeout=TIMEOUT)
    try:
        answers = []
        for name in lists:
            connection.request("GET", f"/api/{name}", headers={"Authorization": f"Basic {token}"})
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != 200:
                raise OSError(f"the management API answers {reply.status} for /api/{name}")
            answers.append(json.loads(text))
        return answers
    finally:
        connection.close()
