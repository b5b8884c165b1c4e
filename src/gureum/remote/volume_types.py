"""State `volume_types`: cinder has a volume type for each backend; read from its tables, made by its API."""

from __future__ import annotations

from typing import Any

from gureum.remote.cinder_api import Cinder
from gureum.remote.failure import Evidence
from gureum.remote.mariadb import query

_TYPES = (
    "SELECT t.name, s.value FROM cinder.volume_types t LEFT JOIN cinder.volume_type_extra_specs s "
    "ON s.volume_type_id = t.id AND s.deleted = 0 AND s.`key` = 'volume_backend_name' "
    "WHERE t.deleted = 0"
)


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the backend that each wanted type leads to, None for a type that is not there."""
    there = {row[0]: row[1] for row in query(_TYPES) or [] if len(row) == 2}
    return {name: there.get(name) for name in spec["types"]}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make the types that are missing, and lead those that are there to their backends."""
    evidence: list[Evidence] = []
    cinder = Cinder(spec)
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
