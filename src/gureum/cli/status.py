"""`gureum status`: what runs, what does not, and what it costs in memory."""

from __future__ import annotations

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json


def status(file: InputFile = None, name: CloudName = None, json: Json = False) -> None:
    """Look at all hosts and endpoints at once; exit 0 if all is well, 1 if something is down."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.status import look
    from gureum.views import status_text
    from gureum.views.data import show

    c = context(name, file)
    found = look(Deployment(c.loaded, c.folder))
    show("status", {"well": found.well, **vars(found)}, status_text.lines(found), json=json)
    if not found.well:
        raise typer.Exit(1)
