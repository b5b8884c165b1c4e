"""`gureum host undrain`: let VMs come to a compute host again."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json

Host = Annotated[str, typer.Argument(metavar="HOST", help="The compute host.")]


def undrain(host: Host, file: InputFile = None, name: CloudName = None, json: Json = False) -> None:
    """Let new VMs come to a compute host again; those that moved away stay where they are."""
    from gureum.operate.computes.undrain import undrain as run_undrain
    from gureum.operate.deployment import Deployment
    from gureum.operate.typed import typed
    from gureum.views import drain_text, wording
    from gureum.views.data import show

    c = context(name, file)
    found = run_undrain(Deployment(c.loaded, c.folder), host)
    show("enabled", found, [(drain_text.enabled(found), "")], json=json)
    if not found.up:
        typer.echo(f"but its nova-compute does not report: no VM can start on {host}", err=True)
        words = typed(c.loaded, "service status", "--host", host, "nova-compute")
        typer.echo(wording.hint(words), err=True)
