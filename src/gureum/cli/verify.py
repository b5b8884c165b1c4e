"""`gureum verify`: check a cloud that stands, down to a VM that boots and answers."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, OneHost


def verify(
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
    host: OneHost = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", help="Write a JUnit report to this file as well.")
    ] = None,
) -> None:
    """Check every unit, port, endpoint, agent, queue and database, then boot a VM and reach it.

    Nothing of it stays: the VM and its project are deleted again. With --host the VM runs on that
    compute host. Exit code 1 if a check failed.
    """
    from gureum.operate.deployment import Deployment
    from gureum.operate.up import run_verify
    from gureum.views import checks
    from gureum.views.choose import choose

    c = context(name, file)
    view = choose(json)
    try:
        report = run_verify(Deployment(c.loaded, c.folder), view.event, host or "")
    finally:
        view.close()
    if junit is not None:
        junit.write_text(checks.junit(report.results, c.folder.name, report.milestones))
    if json:
        found = {"type": "verify", **checks.document(report.results, report.milestones)}
        typer.echo(json_format.dumps(found, ensure_ascii=False))
    else:
        typer.echo("\n".join(checks.table(report.results, report.milestones)))
    report.raise_for_failures()
