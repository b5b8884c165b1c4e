"""`gureum schema`: the JSON schema of cloud.yaml."""

from __future__ import annotations

import json

import typer


def schema() -> None:
    """Print the JSON schema of cloud.yaml, with which editors check and complete it.

    Put it beside the file: gureum schema > cloud.schema.json
    """
    from gureum.model.schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
