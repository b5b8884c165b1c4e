"""`gureum lab`: hosts on this machine, made in seconds and gone without a trace (R-LAB-1, R-LAB-2)."""

from __future__ import annotations

import json as json_format
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json
from gureum.program import runnable

if TYPE_CHECKING:
    from gureum.lab import Lab

app = typer.Typer(
    help="Make, list, snapshot and remove hosts on this machine.",
    no_args_is_help=True,
    add_completion=False,
)
LINE = "{name:12} {os:10} {state:8} {address:15} {provider_nic:12} {snapshots}"
FORWARDS = {"ignore_unknown_options": True, "allow_interspersed_args": False}
HostName = Annotated[str, typer.Argument(help="The host's name.")]
HostNames = Annotated[list[str] | None, typer.Argument(help="Hosts; all of them by default.")]
SomeHosts = Annotated[
    list[str] | None, typer.Option("--host", help="Only this host; may be repeated.")
]
SnapshotName = Annotated[str, typer.Argument(help="The snapshot's name.")]
Command = Annotated[list[str] | None, typer.Argument(help="A command to run there.")]


@app.command()
def create(
    names: Annotated[
        list[str] | None, typer.Argument(help="Host names; by default those of the input.")
    ] = None,
    os_name: Annotated[
        str | None, typer.Option("--os", help="debian-13 or debian-12; by default the input's.")
    ] = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="Hosts reach nothing outside of the lab.")
    ] = False,
    file: InputFile = None,
    cloud: CloudName = None,
) -> None:
    """Make bare hosts and start them; what is there already stays."""
    from gureum.diagnostics import Severity
    from gureum.errors import InputError
    from gureum.operate.bundle_way import source_of
    from gureum.operate.hosts import lab_packages

    c = context(cloud, file)
    wanted = c.loaded.cloud
    lab = _lab(wanted.name)
    lab.internet = False if closed or not wanted.lab.internet else None
    lab.install_tools()
    problems = lab.check_machine()
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputError("this machine cannot hold the lab yet", problems)
    for problem in problems:
        typer.echo(f"warning: {problem.summary}: {problem.detail}", err=True)
    packages = lab_packages(source_of(wanted))
    image = lab.base_image(os_name or wanted.lab.os, packages)
    made = lab.create(dict.fromkeys(names or wanted.hosts, image))
    for host in made.values():
        typer.echo(f"{host.name} answers at {host.address}")
    typer.echo(runnable(f"next: gureum lab ssh {next(iter(made))}"), err=True)


@app.command("list")
def list_hosts(file: InputFile = None, cloud: CloudName = None, json: Json = False) -> None:
    """List hosts: state, address, provider NIC, snapshots."""
    lab = _chosen(file, cloud)
    kept = lab.snapshots()
    hosts = lab.hosts()
    rows = [
        {
            "name": host.name,
            "os": host.os,
            "state": "running" if host.running else "stopped",
            "address": str(host.address),
            "provider_nic": host.provider_nic,
        }
        for host in hosts
    ]
    held = [[snap.name for snap in kept if host.name in snap.hosts] for host in hosts]
    if json:
        for row, names in zip(rows, held, strict=True):
            typer.echo(json_format.dumps({**row, "snapshots": names}))
        return
    if not rows:
        typer.echo(
            runnable(f"the lab {lab.name!r} has no hosts\nnext: gureum lab create"), err=True
        )
        return
    titles = {key: key.replace("_", " ") for key in rows[0]}
    for row, names in zip((titles, *rows), (["snapshots"], *held), strict=True):
        typer.echo(LINE.format(**row, snapshots=" ".join(names)).rstrip())


@app.command(context_settings=FORWARDS)
def ssh(
    host: HostName, command: Command = None, file: InputFile = None, cloud: CloudName = None
) -> None:
    """Open a shell on a host, or run a command there."""
    lab = _chosen(file, cloud)
    found = lab.host(host)
    options = ("-o", f"UserKnownHostsFile={lab.known_hosts}", "-o", "IdentitiesOnly=yes")
    argv = ["ssh", "-i", str(lab.ssh_identity), *options, f"root@{found.address}"]
    os.execvp(argv[0], [*argv, *(command or ())])


@app.command(context_settings=FORWARDS)
def console(
    host: HostName, command: Command = None, file: InputFile = None, cloud: CloudName = None
) -> None:
    """Do as ssh does, without the host's network."""
    from gureum.lab.console import command as console_command

    argv = console_command(_chosen(file, cloud).host(host), *(command or ()))
    os.execvp(argv[0], argv)


@app.command()
def start(hosts: HostNames = None, file: InputFile = None, cloud: CloudName = None) -> None:
    """Start hosts."""
    lab = _chosen(file, cloud)
    for name in hosts or [host.name for host in lab.hosts()]:
        lab.start(lab.host(name))
        typer.echo(f"{name} runs")


@app.command()
def stop(hosts: HostNames = None, file: InputFile = None, cloud: CloudName = None) -> None:
    """Power hosts off."""
    lab = _chosen(file, cloud)
    for name in hosts or [host.name for host in lab.hosts()]:
        lab.stop(lab.host(name))
        typer.echo(f"{name} is off")


@app.command()
def restart(hosts: HostNames = None, file: InputFile = None, cloud: CloudName = None) -> None:
    """Power hosts off, all of them at once, and start them again."""
    lab = _chosen(file, cloud)
    chosen = [lab.host(name) for name in hosts or [host.name for host in lab.hosts()]]
    lab.restart(chosen)
    for host in chosen:
        typer.echo(f"{host.name} runs")


@app.command()
def snapshot(
    name: SnapshotName,
    hosts: SomeHosts = None,
    delete: Annotated[bool, typer.Option("--delete", help="Remove the snapshot.")] = False,
    file: InputFile = None,
    cloud: CloudName = None,
) -> None:
    """Keep the state of all hosts, or of some, at one instant."""
    lab = _chosen(file, cloud)
    if delete:
        lab.delete_snapshot(name)
        typer.echo(f"the snapshot {name} is gone")
        return
    taken = lab.snapshot(name, hosts)
    typer.echo(f"{name} holds {', '.join(taken.hosts)}")
    typer.echo(runnable(f"next: gureum lab restore {name}"), err=True)


@app.command()
def restore(
    name: SnapshotName,
    hosts: SomeHosts = None,
    file: InputFile = None,
    cloud: CloudName = None,
) -> None:
    """Give hosts the state of a snapshot; what they did since is lost."""
    lab = _chosen(file, cloud)
    lab.restore(name, hosts)
    typer.echo(f"the hosts are as {name} kept them")


@app.command()
def images(
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove those beyond lab.images of the input.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Remove every one that no lab stands on.")
    ] = False,
    file: InputFile = None,
    cloud: CloudName = None,
    json: Json = False,
) -> None:
    """List the images that hosts are made from: size, last use, labs on them."""
    from gureum.lab import Limits, kept_images
    from gureum.operate.hosts import limits
    from gureum.state.folder import cache, home
    from gureum.views.lab_images_text import images_text

    folder = cache().resolve() / "images"
    bounds = limits(context(cloud, file).loaded.cloud)
    gone = []
    if prune or everything:
        chosen = Limits(0, 0) if everything else bounds

        def say(text: str) -> None:
            typer.echo(text, err=True)

        gone = kept_images.prune(folder, chosen, say, home() / "lab")
    there = kept_images.kept(folder)
    if json:
        for one in [*gone, *there]:
            typer.echo(json_format.dumps({**one.data(), "removed": one in gone}))
        return
    typer.echo(images_text(there, bounds, time.time()))
    if prune or everything:
        typer.echo(f"{len(gone)} removed, {sum(one.size for one in gone) / 1e9:.1f} GB", err=True)


@app.command()
def destroy(file: InputFile = None, cloud: CloudName = None) -> None:
    """Remove all hosts, networks and snapshots of the lab."""
    lab = _chosen(file, cloud)
    lab.destroy()
    typer.echo(f"the lab {lab.name!r} is gone")


def _chosen(file: Path | None, cloud: str | None) -> Lab:
    return _lab(cloud or context(cloud, file).loaded.cloud.name)


def _lab(name: str) -> Lab:
    from gureum.lab import Lab
    from gureum.state.folder import cache, home

    def say(text: str) -> None:
        typer.echo(text, err=True)

    return Lab(name, home() / "lab" / name, cache(), say)
