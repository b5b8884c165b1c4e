"""Counts VMs by their status, asked of nova over plain HTTPS.

The OpenStack SDK would do the same after more than a second of imports, which is longer than all
the rest of a quick look takes.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gureum.state.secrets import Secret

TIMEOUT = 5.0


def count_vms(*, auth_url: str, compute_url: str, password: Secret, ca: Path) -> dict[str, int]:
    """Return how many VMs of all projects have which status, most frequent first.

    Raises OSError where the API cannot be reached, ValueError where it refuses or makes no sense.
    """
    tls = ssl.create_default_context(cafile=str(ca))
    token = _token(auth_url, password, tls)
    found: Counter[str] = Counter()
    marker = ""
    while True:
        query = f"/servers/detail?all_tenants=1&limit=1000{marker}"
        servers = _json(_ask("GET", compute_url + query, tls, {"X-Auth-Token": token}))["servers"]
        if not servers:
            return dict(found.most_common())
        found.update(str(server["status"]) for server in servers)
        marker = f"&marker={servers[-1]['id']}"


def _token(auth_url: str, password: Secret, tls: ssl.SSLContext) -> str:
    domain = {"id": "default"}
    user = {"name": "admin", "domain": domain, "password": password.reveal()}
    auth = {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": "admin", "domain": domain}},
    }
    body = json.dumps({"auth": auth})
    headers = {"Content-Type": "application/json"}
    response = _ask("POST", f"{auth_url}/auth/tokens", tls, headers, body)
    token = response.headers["X-Subject-Token"]
    if not token:
        raise ValueError(f"keystone issued no token: HTTP status {response.status}")
    return token


def _ask(
    method: str, url: str, tls: ssl.SSLContext, headers: dict[str, str], body: str | None = None
) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=TIMEOUT, context=tls
    )
    connection.request(method, f"{parts.path}?{parts.query}", body, headers)
    return connection.getresponse()


def _json(response: http.client.HTTPResponse) -> Any:
    with response:
        if response.status != 200:
            raise ValueError(f"nova answers {response.status}")
        return json.loads(response.read())
