"""`gureum console SERVER`: the address of a VM's console."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json


def console(
    server: Annotated[str, typer.Argument(help="The VM's name or id.")],
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Print the address of a VM's console: it opens in a browser, for a few minutes."""
    from gureum.operate.console import open_console
    from gureum.operate.deployment import Deployment
    from gureum.views import console_text
    from gureum.views.data import show

    c = context(name, file)
    found = open_console(Deployment(c.loaded, c.folder), server)
    if not json:
        console_text.aside(found, c.folder)
    show("console", found, console_text.lines(found), json=json)
