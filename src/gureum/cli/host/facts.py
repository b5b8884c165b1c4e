"""`gureum host facts`: what hosts are and have, and which NIC was taken for which network."""

from __future__ import annotations

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, NamedHosts


def show_facts(
    hosts: NamedHosts = None,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Show what hosts are and have: system, size, virtualisation, clock, and the NIC of each network."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.host_facts import taken
    from gureum.views import host_facts_text
    from gureum.views.data import show

    c = context(name, file)
    found = taken(Deployment(c.loaded, c.folder), hosts or ())
    show("host_facts", {"hosts": found}, host_facts_text.lines(found), json=json)
    if any(host.error for host in found):
        raise typer.Exit(1)
