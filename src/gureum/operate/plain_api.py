"""Asks a cloud's API as its administrator over plain HTTPS, for quick looks.

The OpenStack SDK would do the same after more than a second of imports, which is longer than all
the rest of a quick look takes.
"""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gureum.state.secrets import Secret

TIMEOUT = 5.0


class PlainApi:
    """One token, issued when it is made, and what it opens.

    Raises OSError where the API cannot be reached, ValueError where it refuses or makes no sense.
    """

    def __init__(self, auth_url: str, password: Secret, ca: Path) -> None:
        self._tls = ssl.create_default_context(cafile=str(ca))
        self._token = self._issue(auth_url, password)

    def get(self, url: str) -> Any:
        """Return the JSON at a URL."""
        with self._ask("GET", url, {"X-Auth-Token": self._token}) as response:
            if response.status != 200:
                raise ValueError(f"{urlsplit(url).path} answers {response.status}")
            return json.loads(response.read())

    def _issue(self, auth_url: str, password: Secret) -> str:
        domain = {"id": "default"}
        user = {"name": "admin", "domain": domain, "password": password.reveal()}
        auth = {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "admin", "domain": domain}},
        }
        headers = {"Content-Type": "application/json"}
        response = self._ask("POST", f"{auth_url}/auth/tokens", headers, json.dumps({"auth": auth}))
        token = response.headers["X-Subject-Token"]
        if not token:
            raise ValueError(f"keystone issued no token: HTTP status {response.status}")
        return token

    def _ask(
        self, method: str, url: str, headers: dict[str, str], body: str | None = None
    ) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 443, timeout=TIMEOUT, context=self._tls
        )
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        return connection.getresponse()
