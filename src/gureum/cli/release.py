"""`gureum release`: the OpenStack releases that gureum installs."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="OpenStack releases: which there are, and a maintainer's refresh.")

Name = Annotated[str, typer.Argument(help="A release, e.g. 2026.2.", show_default=False)]


@app.command("list")
def list_releases() -> None:
    """Show the releases that gureum can install, and what they are made of."""
    from gureum.releases import known_releases, load_release

    for name in known_releases():
        release = load_release(name)
        projects = ("keystone", "glance", "placement", "nova", "neutron", "cinder", "swift")
        versions = ", ".join(f"{project} {release.version(project)}" for project in projects)
        typer.echo(f"{name}  {versions}")


@app.command()
def option(
    name: Name,
    file: Annotated[str, typer.Argument(help="An option schema, e.g. nova.", show_default=False)],
    section: Annotated[str, typer.Argument(help="A section, e.g. DEFAULT.", show_default=False)],
    option_name: Annotated[
        str, typer.Argument(metavar="OPTION", help="An option, e.g. debug.", show_default=False)
    ],
) -> None:
    """Show what upstream says about one option."""
    from gureum.config.values import article
    from gureum.diagnostics import did_you_mean
    from gureum.errors import InputError
    from gureum.releases import load_release

    schema = load_release(name).schema(file)
    found = schema.option(section, option_name)
    if found is None:
        hint = did_you_mean(option_name, schema.names(section)) or did_you_mean(
            section, schema.sections
        )
        summary = f"{file} of release {name} has no option [{section}] {option_name}"
        raise InputError(summary, [], hint=hint)
    typer.echo(f"[{found.section}] {found.name}")
    if found.renamed_from:
        typer.echo(f"deprecated name: [{found.renamed_from[0]}] {found.renamed_from[1]}")
    typer.echo(f"takes: {article(found.type)}")
    typer.echo(f"default: {found.default!r}")
    if found.removal:
        typer.echo(f"deprecated for removal since {found.removal_since}: {found.removal_reason}")
    typer.echo(f"\n{found.help}")


@app.command()
def refresh(
    name: Name,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only this file or schema, e.g. nova or requirements.lock."),
    ] = None,
) -> None:
    """Make lock, option schemas, policy rules and database revisions anew (for maintainers)."""
    from gureum.releases import load_release
    from gureum.releases.refresh import refresh as refresh_release

    for made in refresh_release(load_release(name), only=frozenset(only or ())):
        state = "changed" if made.changed else "as it was"
        typer.echo(f"{made.file:40} {state:10} {made.size:>8} bytes {made.seconds:6.1f} s")
