"""`gureum ssh HOST`: a shell on a host of the cloud."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile
from gureum.diagnostics import did_you_mean
from gureum.errors import GureumError


def ssh(
    host: Annotated[str, typer.Argument(help="The host's name.")],
    command: Annotated[list[str] | None, typer.Argument(help="A command to run there.")] = None,
    file: InputFile = None,
    name: CloudName = None,
) -> None:
    """Open a shell on a host of the cloud, or run a command there."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.hosts import open_lab, targets

    c = context(name, file)
    deployment = Deployment(c.loaded, c.folder)
    lab = open_lab(deployment, lambda _: None) if deployment.in_lab else None
    found = {target.name: target for target in targets(deployment, lab)}
    if host not in found:
        raise GureumError(
            f"the cloud {c.loaded.cloud.name!r} has no host {host!r}",
            hint=did_you_mean(host, found) or f"it has: {', '.join(found)}",
        )
    # What follows is ssh's: it goes to the host's shell as typed, as with ssh itself.
    words = list(command or ())
    argv = [*found[host].ssh_command(), *(words[1:] if words[:1] == ["--"] else words)]
    os.execvp(argv[0], argv)
