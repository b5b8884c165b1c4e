"""The JSON schema of cloud.yaml, for editors."""

from __future__ import annotations

from typing import Any

from gureum.model.cloud import Cloud
from gureum.model.validate import known_releases


def json_schema() -> dict[str, Any]:
    """Return the schema with every key's meaning, default and choices."""
    schema = Cloud.model_json_schema()
    # A release looks like a number; gureum takes it as it is written, so editors should as well.
    release = schema["properties"]["release"]
    release.pop("type")
    release["anyOf"] = [
        {"enum": known_releases()},
        {"enum": [float(name) for name in known_releases()]},
    ]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
