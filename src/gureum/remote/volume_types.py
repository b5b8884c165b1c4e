"""State `volume_types`: cinder has a volume type for each backend; read from its tables, made by its API."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.mariadb import query
from gureum.remote.process import time_left

_TYPES = (
    "SELECT t.name, s.value FROM cinder.volume_types t LEFT JOIN cinder.volume_type_extra_specs s "
    "ON s.volume_type_id = t.id AND s.deleted = 0 AND s.`key` = 'volume_backend_name' "
    "WHERE t.deleted = 0"
)
_SERVED_WITHIN = 30.0


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the backend that each wanted type leads to, None for a type that is not there."""
    there = {row[0]: row[1] for row in query(_TYPES) or [] if len(row) == 2}
    return {name: there.get(name) for name in spec["types"]}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make the types that are missing, and lead those that are there to their backends."""
    evidence: list[Evidence] = []
    cinder = _Cinder(spec)
    known = {
        entry["name"]: entry["id"]
        for entry in cinder.send("GET", "/types?is_public=None")["volume_types"]
    }
    for name, backend in spec["types"].items():
        if actual.get(name) == backend:
            continue
        specs = {"volume_backend_name": backend}
        if name in known:
            cinder.send("POST", f"/types/{known[name]}/extra_specs", {"extra_specs": specs})
        else:
            wanted = {"name": name, "extra_specs": specs}
            cinder.send("POST", "/types", {"volume_type": wanted})
        evidence.append(
            {
                "command": ["POST", "/v3/types", name, backend],
                "exit": 0,
                "output": "",
                "seconds": 0.0,
            }
        )
    return evidence


class _Cinder:
    """A few calls of the volume API v3, as the cloud's administrator."""

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
