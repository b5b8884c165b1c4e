"""`gureum plan`: what apply would do."""

from __future__ import annotations

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json


def plan(file: InputFile = None, name: CloudName = None, json: Json = False) -> None:
    """Say what `apply` would change on the hosts, as diffs, and which units would restart."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.run import connected
    from gureum.views.choose import choose

    c = context(name, file)
    view = choose(json)
    try:
        with connected(Deployment(c.loaded, c.folder), view.event) as ready:
            view.plan(ready.plan())
    finally:
        view.close()
