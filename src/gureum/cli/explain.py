"""`gureum explain`: why anything of the cloud is as it is (R-CONF-2)."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, SomeHosts

What = Annotated[
    list[str],
    typer.Argument(
        metavar="WHAT...",
        show_default=False,
        help="An option (nova.conf DEFAULT debug, or debug alone), a file, section, service, "
        "endpoint, unit, port, network, user or host.",
    ),
]
Full = Annotated[bool, typer.Option("--full", help="Upstream's help to its last line.")]


def explain(
    what: What,
    hosts: SomeHosts = None,
    *,
    file: InputFile = None,
    name: CloudName = None,
    full: Full = False,
    json: Json = False,
) -> None:
    """Say why anything of the cloud is as it is, from saved state: no host is asked.

    An option comes with its value on each host, the reason, who set it, what it follows, upstream's
    help and default, the units that restart when it changes, and the lines that set it.
    """
    from gureum.operate.deployment import Deployment
    from gureum.operate.explain import explain as explained
    from gureum.views import explain_text
    from gureum.views.data import show

    c = context(name, file)
    found = explained(Deployment(c.loaded, c.folder), what, hosts or [])
    show("explanation", found, explain_text.lines(found, full=full), json=json)
