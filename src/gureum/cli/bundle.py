"""`gureum bundle`: what hosts without a way to the internet install from (R-PREP-9)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gureum.cli.options import InputFile, Json

app = typer.Typer(
    help="Gather, check and serve all that a cloud without internet installs.",
    no_args_is_help=True,
    add_completion=False,
)
Folder = Annotated[Path, typer.Argument(help="The bundle's folder.")]


@app.command()
def create(
    place: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The bundle's folder, or an archive NAME.tar.")
    ],
    release: Annotated[
        str | None,
        typer.Option(help="An OpenStack release; by default the input's, or the newest."),
    ] = None,
    os_name: Annotated[
        str | None, typer.Option("--os", help="The hosts' system: debian-13 or debian-12.")
    ] = None,
    file: InputFile = None,
    json: Json = False,
) -> None:
    """Gather packages, wheels and the guest image; run again, it renews what is there.

    It serves hosts of every role and driver, or with --file those of one cloud.yaml alone.
    """
    from gureum.model.load import load
    from gureum.operate.bundles import make
    from gureum.views import bundle_text
    from gureum.views.data import show

    cloud = load(file).cloud if file else None
    done = make(place, _say, cloud, release, os_name)
    show(
        "bundle_create", bundle_text.created_data(done), bundle_text.created(done, place), json=json
    )


@app.command()
def verify(folder: Folder, json: Json = False) -> None:
    """Check every checksum, and that nothing is missing; exit 1 where something is."""
    from gureum.operate.bundles import verified
    from gureum.views import bundle_text
    from gureum.views.data import show

    found = verified(folder)
    show("bundle_verify", bundle_text.verified_data(found), bundle_text.verified(found), json=json)
    bundle_text.raise_for_findings(found, folder)


@app.command("show")
def show_bundle(
    place: Annotated[
        str, typer.Argument(metavar="FOLDER|URL", help="The bundle's folder or address.")
    ],
    json: Json = False,
) -> None:
    """Tell what a bundle is for, what it holds, and its digest."""
    from gureum.operate.bundles import shown
    from gureum.views import bundle_text
    from gureum.views.data import show

    found = shown(place)
    show("bundle", bundle_text.shown_data(found), bundle_text.shown(found), json=json)


@app.command()
def serve(
    folder: Folder,
    listen: Annotated[
        str, typer.Option(help="Address and port to listen on, e.g. 192.0.2.5:8480.")
    ] = "0.0.0.0:8480",
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not tell every request.")] = False,
) -> None:
    """Serve a bundle over HTTP until Ctrl-C: the files that its manifest names, nothing else."""
    from gureum.bundle.serve import addresses, listening_on, open_server
    from gureum.views import bundle_text

    address, port = listening_on(listen)
    server = open_server(folder, address, port, None if quiet else _say)
    for line in bundle_text.serving(
        folder, [f"http://{a}:{server.port}" for a in addresses(address)]
    ):
        typer.echo(line)
    sys.stdout.flush()
    with server:
        server.serve_forever()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
