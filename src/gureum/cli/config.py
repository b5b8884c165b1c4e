"""`gureum config`: the files that gureum writes, and what became of them on the hosts."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, OneHost, SomeHosts

app = typer.Typer(help="Show config files with their reasons, hand edits, and adopt them.")

AnyFile = Annotated[
    str | None,
    typer.Argument(metavar="FILE", help="A file by name or path: nova.conf.", show_default=False),
]


@app.command()
def show(
    wanted: AnyFile = None,
    *,
    host: OneHost = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show secrets as well.")] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Show a file as gureum wants it, each option with its reason; without FILE list all files.

    No host is asked.
    """
    from gureum.operate import config_files
    from gureum.operate.deployment import Deployment
    from gureum.operate.known import known
    from gureum.views import config_text
    from gureum.views.data import show as show_data

    c = context(name, file)
    found = known(Deployment(c.loaded, c.folder))
    if wanted is None:
        files = config_files.listing(found, host)
        show_data("config_files", {"files": files}, config_text.listing(files), json=json)
    else:
        files = config_files.shown(found, wanted, host, reveal=reveal)
        show_data("config_file", {"files": files}, config_text.texts(files), json=json)


@app.command()
def diff(
    wanted: AnyFile = None,
    *,
    hosts: SomeHosts = None,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Show what differs on the hosts, who was there, and units that run with older files.

    Exits 0 where all is in order, 1 where something differs or a host cannot be asked.
    """
    from gureum.operate import config_files
    from gureum.operate.chosen_hosts import chosen_hosts
    from gureum.operate.deployment import Deployment
    from gureum.operate.drift import Choice, look
    from gureum.operate.known import known
    from gureum.views import drift_text
    from gureum.views.data import show as show_data

    c = context(name, file)
    deployment = Deployment(c.loaded, c.folder)
    on = tuple(chosen_hosts(deployment.cloud, hosts or []))
    paths = config_files.paths_of(known(deployment), wanted) if wanted else None
    found = look(deployment, Choice(paths, on))
    value = {"in_order": found.in_order, **vars(found)}
    show_data("config_diff", value, drift_text.lines(found, c.loaded), json=json)
    if not found.in_order:
        raise typer.Exit(1)


@app.command()
def adopt(
    wanted: Annotated[str, typer.Argument(metavar="FILE", help="A config file: nova.conf.")],
    section: Annotated[
        str | None, typer.Argument(help="Only this section: DEFAULT or [DEFAULT].")
    ] = None,
    option: Annotated[str | None, typer.Argument(help="Only this option of the section.")] = None,
    *,
    host: OneHost = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the change and write nothing.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Make ./cloud.yaml where the cloud has no input yet.")
    ] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Take what was edited by hand on the hosts into cloud.yaml, so that apply leaves it there.

    Comments, order and quotes of cloud.yaml stay as they are. Nothing is changed on the hosts.
    """
    from gureum.operate.adopt import Wish
    from gureum.operate.adopt import adopt as run_adopt
    from gureum.operate.deployment import Deployment
    from gureum.views import adopt_text
    from gureum.views.data import show as show_data

    c = context(name, file)
    if section and section.startswith("[") and section.endswith("]"):
        section = section[1:-1]
    wish = Wish(wanted, section, option, host)
    done = run_adopt(Deployment(c.loaded, c.folder), wish, write=write, dry_run=dry_run)
    show_data("config_adopt", done, adopt_text.lines(done, c.loaded), json=json)
