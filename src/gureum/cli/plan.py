"""`gureum plan`: what apply would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, SkipUnreachable

if TYPE_CHECKING:
    from gureum.views.view import View

Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Write the plan to a file for `gureum apply FILE`."),
]
Html = Annotated[
    Path | None, typer.Option("--html", help="Write the plan as an HTML page for people to read.")
]
Diff = Annotated[bool, typer.Option("--diff", help="Show every difference whole, and each reason.")]
ExitCode = Annotated[
    bool, typer.Option("--exit-code", help="Exit with 3 if something would change, 0 if nothing.")
]
CHANGES = 3
"""Terraform says 2 with -detailed-exitcode; with gureum 2 is a fault of gureum itself."""


def plan(
    file: InputFile = None,
    name: CloudName = None,
    *,
    out: Out = None,
    html: Html = None,
    diff: Diff = False,
    exit_code: ExitCode = False,
    skip_unreachable: SkipUnreachable = False,
    json: Json = False,
) -> None:
    """Say what `apply` would change on the hosts, which units restart, and who would notice."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.plan_file import document, write_page, write_plan
    from gureum.operate.run import connected
    from gureum.operate.typed import typed
    from gureum.views.choose import choose

    c = context(name, file)
    view = choose(json)
    try:
        deployment = Deployment(c.loaded, c.folder)
        with connected(deployment, view.event, skip_unreachable=skip_unreachable) as ready:
            made = ready.plan()
            view.plan(made, whole=diff)
            if out is not None:
                write_plan(ready, made, out)
                _say(view, f"{out} does exactly this: {typed(c.loaded, 'apply', str(out))}")
            if html is not None:
                from gureum.views.plan_page import plan_page

                write_page(html, plan_page(document(ready, made)))
                _say(view, f"{html} is for people to read")
    finally:
        view.close()
    if exit_code and made.changes:
        raise typer.Exit(CHANGES)


def _say(view: View, text: str) -> None:
    from gureum.apply.events import Message
    from gureum.program import runnable

    view.event(Message("plan", runnable(text)))
