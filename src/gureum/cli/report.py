"""`gureum report`: one HTML file about a cloud, for someone who has never seen it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, SomeHosts


def report(
    hosts: SomeHosts = None,
    *,
    file: InputFile = None,
    name: CloudName = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file; by default ./gureum-report-CLOUD.html."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no host; tell what is kept of the cloud.")
    ] = False,
    json: Json = False,
) -> None:
    """Write one HTML file that shows the cloud: picture, checks with evidence, options with reasons.

    It fetches nothing, prints well, holds no secret, and is readable by you alone (0600). With
    --json its content goes to stdout as data, and a page is written only where --out says so. With
    --host its picture, checks and runs are of the whole cloud still, and the rest of those hosts.
    """
    from gureum.operate.deployment import Deployment
    from gureum.report.cloud_report import gather
    from gureum.views.report_file import report_json, write_report

    c = context(name, file)
    deployment = Deployment(c.loaded, c.folder)
    target = out or Path(f"gureum-report-{c.folder.name}.html")
    found = gather(deployment, hosts or [], offline=offline)
    redact = c.folder.secrets().redactor()
    if json:
        typer.echo(report_json(found, redact))
    if out is not None or not json:
        typer.echo(write_report(found, target, redact), err=json)
