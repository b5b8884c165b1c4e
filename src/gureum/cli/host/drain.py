"""`gureum host drain`: empty a compute host, its VMs moved to others."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json

if TYPE_CHECKING:
    from gureum.operate.computes.drain import Look
    from gureum.operate.computes.vms import Vm

Host = Annotated[str, typer.Argument(metavar="HOST", help="The compute host.")]
TELL_EVERY = 5.0
"""Seconds between two lines about one VM that is on its way."""


def drain(
    host: Host,
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever meets it.")] = "",
    *,
    cold: Annotated[
        bool,
        typer.Option("--cold", help="Shut running VMs off for the move, and start them there."),
    ] = False,
    live_only: Annotated[
        bool, typer.Option("--live-only", help="Leave a VM that cannot move alive where it runs.")
    ] = False,
    partly: Annotated[
        bool, typer.Option("--partly", help="Begin although not all VMs find room elsewhere.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Let no new VMs come to a compute host and move those that are there; wait until it is empty.

    Running VMs move alive. One that cannot is shut off, moved and started again, which is said with
    the reason. Exit code 1 if VMs are left; each is named with the way out.
    """
    from gureum.errors import GureumError
    from gureum.operate.computes.drain import Telling, Wish
    from gureum.operate.computes.drain import drain as run_drain
    from gureum.operate.deployment import Deployment
    from gureum.operate.typed import typed
    from gureum.program import runnable
    from gureum.views import drain_text
    from gureum.views.data import show

    c = context(name, file)
    if cold and live_only:
        raise GureumError(
            "--cold and --live-only contradict each other",
            detail="the one shuts running VMs off, the other leaves them running at any price",
            hint=typed(c.loaded, "host drain", host),
        )

    def ask(look: Look) -> None:
        for line in drain_text.before(look):
            typer.echo(line, err=True)
        if yes or not look.vms:
            return
        again = typed(c.loaded, "host drain", "--yes", host)
        if not sys.stdin.isatty():
            raise GureumError(f"{host} was not drained: nobody is there to say yes", hint=again)
        if not typer.confirm(f"drain {host}?", err=True):
            raise GureumError(f"{host} was not drained: nothing was changed", hint=again)

    told: dict[str, float] = {}

    def progress(vm: Vm, share: str) -> None:
        if share and time.monotonic() - told.get(vm.id, 0) > TELL_EVERY:
            told[vm.id] = time.monotonic()
            typer.echo(f"moving: {vm.name} alive, {share}", err=True)

    telling = Telling(
        disabled=lambda d: typer.echo(drain_text.disabled(d), err=True),
        moved=lambda m: show("vm", m, [drain_text.moved(m)], json=json),
        progress=progress,
    )
    wish = Wish(host=host, reason=reason, cold=cold, live_only=live_only, partly=partly)
    found = run_drain(Deployment(c.loaded, c.folder), wish, ask, telling)
    show("drained", drain_text.document(found), drain_text.result(found), json=json)
    if not found.empty:
        raise typer.Exit(1)
    for words, what in (
        ("host undrain", "VMs may come again"),
        ("host remove", "the host leaves the cloud"),
    ):
        typer.echo(f"  {runnable(typed(c.loaded, words, host))}  {what}", err=True)
