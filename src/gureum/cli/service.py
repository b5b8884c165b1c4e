"""`gureum service`: units by service or by name, over all hosts (R-OPS-1, R-SVC-9)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, SomeHosts

if TYPE_CHECKING:
    from gureum.operate.deployment import Deployment
    from gureum.operate.services.acting import UnitResult

app = typer.Typer(
    help="Look at, start, stop and restart services, over all hosts.",
    no_args_is_help=True,
    add_completion=False,
)
Names = Annotated[
    list[str] | None,
    typer.Argument(help="Services (nova) or units (nova-scheduler).", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="Really all units of the cloud.")]


@app.command()
def status(
    names: Names = None,
    hosts: SomeHosts = None,
    file: InputFile = None,
    cloud: CloudName = None,
    json: Json = False,
) -> None:
    """Show state, start, restarts, memory and last error; exit 1 if a unit is down."""
    from gureum.operate.services.states import states
    from gureum.views import service_text
    from gureum.views.data import show

    found = states(_deployment(file, cloud), names or [], hosts or [])
    show("services", service_text.document(found), service_text.states(found), json=json)
    if not found.well:
        raise typer.Exit(1)


@app.command("show")
def show_units(
    names: Annotated[list[str], typer.Argument(help="Services (nova) or units (nova-api).")],
    hosts: SomeHosts = None,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no host: what is known without.")
    ] = False,
    file: InputFile = None,
    cloud: CloudName = None,
    json: Json = False,
) -> None:
    """Show what a unit is made of, who is connected to it, and how it is."""
    from gureum.operate.services.show import show as looked
    from gureum.views import anatomy_text
    from gureum.views.data import show

    found = looked(_deployment(file, cloud), names, hosts or [], offline=offline)
    show("service", anatomy_text.document(found), anatomy_text.lines(found), json=json)


@app.command()
def start(
    names: Names = None,
    hosts: SomeHosts = None,
    file: InputFile = None,
    cloud: CloudName = None,
    json: Json = False,
) -> None:
    """Start units, those that others need first, each until it is ready."""
    _act("start", _deployment(file, cloud), names, hosts, json=json)


@app.command()
def stop(
    names: Names = None,
    hosts: SomeHosts = None,
    *,
    everything: All = False,
    file: InputFile = None,
    cloud: CloudName = None,
    json: Json = False,
) -> None:
    """Stop units, those that need others first."""
    _act("stop", _deployment(file, cloud), names, hosts, everything=everything, json=json)


@app.command()
def restart(
    names: Names = None,
    hosts: SomeHosts = None,
    *,
    everything: All = False,
    file: InputFile = None,
    cloud: CloudName = None,
    json: Json = False,
) -> None:
    """Restart units one after another, the API of a service last, each until it is ready."""
    _act("restart", _deployment(file, cloud), names, hosts, everything=everything, json=json)


def _deployment(file: Path | None, cloud: str | None) -> Deployment:
    from gureum.operate.deployment import Deployment

    c = context(cloud, file)
    return Deployment(c.loaded, c.folder)


def _act(
    verb: str,
    deployment: Deployment,
    names: list[str] | None,
    hosts: list[str] | None,
    *,
    json: bool,
    everything: bool = False,
) -> None:
    from gureum.operate.services.acting import act
    from gureum.views import service_text
    from gureum.views.data import show

    def tell(result: UnitResult) -> None:
        show("unit", result, service_text.result(result), json=json)

    began = time.monotonic()
    results = act(
        deployment, verb, names or [], hosts=hosts or [], everything=everything, emit=tell
    )
    typer.echo(service_text.summary(verb, results, time.monotonic() - began), err=True)
    if not all(result.good for result in results):
        raise typer.Exit(1)
