"""`gureum down`: remove a cloud that gureum made in the lab, and all that it left on the machine."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile


def down(
    file: InputFile = None,
    name: CloudName = None,
    keep_folder: Annotated[
        bool, typer.Option("--keep-folder", help="Keep secrets, credentials and journal.")
    ] = False,
) -> None:
    """Remove the cloud's lab hosts and everything they need on this machine.

    Images that are built once and serve the next `up` stay under /var/cache/gureum.
    """
    from gureum.operate.deployment import Deployment
    from gureum.operate.down import run_down

    c = context(name, file)
    for line in run_down(
        Deployment(c.loaded, c.folder), lambda t: typer.echo(t, err=True), keep_folder
    ):
        typer.echo(line)
