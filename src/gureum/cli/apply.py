"""`gureum apply`: bring the hosts into the state that the input, or a written plan, asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, KeepEdits, SkipUnreachable

PlanFile = Annotated[
    Path | None,
    typer.Argument(metavar="[PLAN]", help="What `gureum plan --out` wrote: do that or nothing."),
]


def apply(
    plan: PlanFile = None,
    file: InputFile = None,
    name: CloudName = None,
    *,
    keep_edits: KeepEdits = False,
    skip_unreachable: SkipUnreachable = False,
    json: Json = False,
) -> None:
    """Bring the hosts into the wanted state; a second apply changes nothing and says so.

    What somebody edited by hand is told, and a copy kept, before it is written over.
    """
    from gureum.operate.deployment import Deployment
    from gureum.operate.plan_file import promised
    from gureum.operate.run import apply as run_apply
    from gureum.operate.run import connected
    from gureum.views.choose import choose

    c = context(name, file)
    view = choose(json)
    deployment = Deployment(c.loaded, c.folder)
    try:
        promise = promised(plan, deployment)
        with connected(deployment, view.event, skip_unreachable=skip_unreachable) as ready:
            run_apply(ready, view.event, promise, keep_edits=keep_edits).raise_for_failures()
    finally:
        view.close()
