"""`gureum host check`: what is wrong with the hosts, before anything on them is changed."""

from __future__ import annotations

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, NamedHosts


def check_hosts(
    hosts: NamedHosts = None,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Ask all hosts at once what is wrong with them; nothing is changed. Exit 1 if one is not ready.

    `gureum up` and `gureum apply` begin with the same and stop where a host is not ready.
    """
    from gureum.operate.deployment import Deployment
    from gureum.operate.host_check.run import checked
    from gureum.views import host_check_text
    from gureum.views.data import show

    c = context(name, file)
    found = checked(Deployment(c.loaded, c.folder), hosts or ())
    lines = [
        *host_check_text.table(found.scene, found.findings),
        *host_check_text.verdict(found.scene, found.findings, found.seconds),
    ]
    document = host_check_text.document(found.scene, found.findings, found.seconds)
    show("host_check", document, lines, json=json)
    if not document["ready"]:
        raise typer.Exit(1)
