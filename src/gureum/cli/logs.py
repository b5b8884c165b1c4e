"""`gureum logs`: the logs of all hosts, and one request's way through them (R-OPS-2)."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import Json
from gureum.errors import GureumError

if TYPE_CHECKING:
    from gureum.operate.deployment import Deployment
    from gureum.operate.logs.read import Found
    from gureum.operate.logs.vm import Vm
    from gureum.operate.logs.wish import LogQuery

# -f and -n mean here what they mean to journalctl, tail and kubectl.
LongInputFile = Annotated[
    Path | None,
    typer.Option("--file", help="The cloud's input; by default ./cloud.yaml if it exists."),
]
LongCloudName = Annotated[
    str | None, typer.Option("--cloud", help="The cloud's name, in place of the input's.")
]


def logs(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Services (nova) or units (nova-scheduler, sshd).", show_default=False),
    ] = None,
    *,
    hosts: Annotated[
        list[str] | None, typer.Option("--host", help="Only of this host; may be repeated.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="From then on: 10m, 17:40, yesterday, '2026-11-21 17:40'.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Until then, in the same words.")] = None,
    level: Annotated[
        str, typer.Option(help="This loud or louder: debug, info, warning, error, critical.")
    ] = "",
    grep: Annotated[
        str, typer.Option(help="A regular expression; capitals count if it has any.")
    ] = "",
    request: Annotated[
        str, typer.Option(help="A request's way through all services; its id, or how that begins.")
    ] = "",
    vm: Annotated[str, typer.Option("--vm", help="What concerns a VM, by its name or id.")] = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on showing what is logged.")
    ] = False,
    number: Annotated[
        int | None, typer.Option("-n", "--lines", help="How many records, the latest; else 100.")
    ] = None,
    file: LongInputFile = None,
    cloud: LongCloudName = None,
    json: Json = False,
) -> None:
    """Show the logs of all hosts in one, the latest last."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.logs.when import when
    from gureum.operate.logs.wish import LogQuery

    if vm and request:
        raise GureumError(
            "--vm and --request are two questions",
            detail="a request is shown with all VMs that it touched, a VM with all its requests",
            hint=f"gureum logs --request {request}",
        )
    c = context(cloud, file)
    deployment = Deployment(c.loaded, c.folder)
    now = time.time()
    query = LogQuery(
        names=names or (),
        hosts=hosts or (),
        since=when(since, now, "--since") if since is not None else None,
        until=when(until, now, "--until") if until is not None else None,
        level=level,
        grep=grep,
        request=request,
        number=number,
    )
    if request and not follow:
        _tell(deployment, query, json=json)
        return
    found_vm = None
    if vm:
        from gureum.operate.logs.vm import find_vm

        found_vm = find_vm(deployment, vm)
        query = replace(query, any=found_vm.words)
    if request:
        query = replace(query, any=(query.request_id,), request="")
    if follow:
        _follow(deployment, query, json=json)
    else:
        _read(deployment, query, found_vm, json=json)


def _read(deployment: Deployment, query: LogQuery, vm: Vm | None, *, json: bool) -> None:
    from gureum.operate.logs.read import read
    from gureum.operate.typed import typed
    from gureum.views import log_text

    found = read(deployment, query)
    log_text.shown(found.records, several=found.hosts > 1, json_lines=json)
    _aside(found, query)
    if vm is not None:
        commands = [
            typed(deployment.loaded, "logs", "--request", r.request_id) for r in vm.requests
        ]
        for line in log_text.requests(vm, commands):
            typer.echo(_runnable(line), err=True)
    if not found.records:
        raise typer.Exit(1)


def _tell(deployment: Deployment, query: LogQuery, *, json: bool) -> None:
    from gureum.operate.logs.story import follow_request
    from gureum.views import story_text
    from gureum.views.data import show

    told = follow_request(deployment, query)
    for note in told.notes:
        typer.echo(f"note: {_runnable(note)}", err=True)
    show("request", told, story_text.lines(told), json=json)


def _follow(deployment: Deployment, query: LogQuery, *, json: bool) -> None:
    from gureum.operate.logs.read import follow
    from gureum.views import log_text

    several = len(deployment.cloud.hosts) > 1

    def begin(found: Found) -> None:
        log_text.shown(found.records, several=several, json_lines=json)
        for note in found.notes:
            typer.echo(f"note: {_runnable(note)}", err=True)

    try:
        for one in follow(deployment, query, begin):
            log_text.shown([one], several=several, json_lines=json)
    except KeyboardInterrupt:
        # To have seen enough is how following ends.
        raise typer.Exit(0) from None


def _aside(found: Found, query: LogQuery) -> None:
    from gureum.views import log_text

    for line in log_text.notes(found, f"-n {query.limit * 10} shows more"):
        typer.echo(_runnable(line), err=True)


def _runnable(text: str) -> str:
    from gureum.program import runnable

    return runnable(text)
