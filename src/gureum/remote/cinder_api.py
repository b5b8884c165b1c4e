"""Calls of cinder's API from a host, as the cloud's administrator."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from typing import Any

from gureum.remote.failure import Failure
from gureum.remote.process import time_left

_SERVED_WITHIN = 30.0


class Cinder:
    """The volume API v3 at `spec["url"]`, as the administrator whom keystone at `identity` knows."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._base = spec["url"]
        self._tls = ssl.create_default_context(cafile=spec["cafile"])
        domain = {"id": "default"}
        user = {"name": "admin", "domain": domain, "password": spec["admin_password"]}
        body = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": "admin", "domain": domain}},
            }
        }
        self._token = ""
        _, headers = self._ask("POST", f"{spec['identity']}/auth/tokens", body)
        self._token = str(headers["X-Subject-Token"])

    def send(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Return the answer; waits for HAProxy to find cinder, which it does after cinder's unit."""
        until = time.monotonic() + min(_SERVED_WITHIN, time_left())
        while True:
            try:
                return dict(self._ask(method, self._base + path, body)[0])
            except urllib.error.HTTPError as error:
                if error.code not in (502, 503, 504) or time.monotonic() > until:
                    said = error.read().decode(errors="replace")[:300]
                    raise Failure(
                        f"cinder answers {error.code} to {method} {path}: {said}"
                    ) from None
            time.sleep(0.3)

    def _ask(self, method: str, url: str, body: Any) -> tuple[Any, Any]:
        request = urllib.request.Request(  # noqa: S310
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Auth-Token": self._token},
        )
        with urllib.request.urlopen(request, timeout=60, context=self._tls) as answer:  # noqa: S310
            text = answer.read()
            return (json.loads(text) if text else {}), answer.headers
