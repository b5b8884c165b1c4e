"""`gureum host remove`: take a host out of the cloud, and leave no record of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json

if TYPE_CHECKING:
    from gureum.operate.computes.remove import Look

Host = Annotated[str, typer.Argument(metavar="HOST", help="The host, empty of VMs.")]


def remove(
    host: Host,
    *,
    dead: Annotated[
        bool, typer.Option("--dead", help="It does not answer and never will: records only.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """End what gureum runs on a host, remove every record of it, and take it out of the input.

    Refused while VMs are on it. Cut off anywhere, the same command goes on. Exit code 1 if a record
    is left.
    """
    from gureum.errors import GureumError
    from gureum.operate.computes.remove import remove as run_remove
    from gureum.operate.deployment import Deployment
    from gureum.operate.typed import typed
    from gureum.program import runnable
    from gureum.views import remove_text
    from gureum.views.data import show

    c = context(name, file)

    def ask(look: Look) -> None:
        for line in remove_text.before(look, dead=dead):
            typer.echo(line, err=True)
        if yes:
            return
        words = ("--yes", *(["--dead"] if dead else []), host)
        again = typed(c.loaded, "host remove", *words)
        if not sys.stdin.isatty():
            raise GureumError(f"{host} was not removed: nobody is there to say yes", hint=again)
        if not typer.confirm(f"remove {host}?", err=True):
            raise GureumError(f"{host} was not removed: nothing was changed", hint=again)

    found = run_remove(
        Deployment(c.loaded, c.folder),
        host,
        dead=dead,
        confirm=ask,
        say=lambda text: typer.echo(text, err=True),
    )
    show("removed", found, remove_text.result(found), json=json)
    if found.left:
        raise typer.Exit(1)
    typer.echo(
        f"  {runnable(typed(c.loaded, 'apply'))}  lets the others forget its address", err=True
    )
