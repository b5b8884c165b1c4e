"""`gureum up`: from nothing to a cloud that is proven to work."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context, of_shape
from gureum.cli.options import CloudName, InputFile, Json, KeepEdits, Shape
from gureum.errors import GureumError


def up(
    file: InputFile = None,
    name: CloudName = None,
    shape: Annotated[
        Shape | None, typer.Option("--shape", help="Hosts of a new cloud that has no input.")
    ] = None,
    keep_edits: KeepEdits = False,
    json: Json = False,
) -> None:
    """Build a cloud and prove with a real VM that it works; run again, it goes on where it was.

    Without an input it builds an all-in-one in a lab host and leaves this machine as it is.
    """
    from gureum.operate.deployment import Deployment
    from gureum.operate.up import run_up
    from gureum.views import outcome
    from gureum.views.choose import choose
    from gureum.views.data import show

    if shape and file:
        raise GureumError(
            "--shape and --file both say which hosts there are", hint="leave one of them out"
        )
    c = of_shape(name, shape) if shape else context(name, file)
    view = choose(json)
    try:
        done = run_up(Deployment(c.loaded, c.folder), view.event, keep_edits=keep_edits)
    finally:
        view.close()
    show("up", outcome.document(done, c.folder), outcome.lines(done, c.folder), json=json)
    done.report.raise_for_failures()
