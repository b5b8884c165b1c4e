"""`gureum image`: images for a cloud, added, listed and built; conversion of disk images (R-LAB-3)."""

from __future__ import annotations

import json as json_format
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gureum.cli.options import CloudName, InputFile, Json
from gureum.program import runnable

app = typer.Typer(
    help="Add images to a cloud, list them, build them; convert and check disk images.",
    no_args_is_help=True,
    add_completion=False,
)
ImageFile = Annotated[Path, typer.Argument(help="A disk image.", exists=True, dir_okay=False)]


class Guest(StrEnum):
    """What can be built."""

    TINY = "tiny"
    DEBIAN = "debian-13"


class Visibility(StrEnum):
    """Who sees an image."""

    PUBLIC = "public"
    PRIVATE = "private"
    SHARED = "shared"
    COMMUNITY = "community"


@app.command()
def add(
    what: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE|URL",
            help="ubuntu-24.04, debian-13, cirros or tiny; or a file or an address.",
        ),
    ],
    *,
    origin: Annotated[
        str,
        typer.Option(
            "--from", metavar="FILE|URL", help="Take the named image from a mirror or a file."
        ),
    ] = "",
    build_it: Annotated[
        bool, typer.Option("--build", help="Build it of this machine's package mirror instead.")
    ] = False,
    called: Annotated[str, typer.Option("--name", help="What it is called in the cloud.")] = "",
    sha256: Annotated[str, typer.Option(help="The SHA-256 that it must have.")] = "",
    visibility: Annotated[Visibility, typer.Option(help="Who sees it.")] = Visibility.PUBLIC,
    properties: Annotated[
        list[str] | None,
        typer.Option("--property", metavar="KEY=VALUE", help="A property more; may be repeated."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Hide an image of the same name; its VMs keep it.")
    ] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Bring an image into the cloud: fetched, proven, converted where needed, read back.

    Run again, it finds that there is nothing to do. A download that was cut off goes on.
    """
    from gureum.cli.context import context
    from gureum.operate.images.add import Choice
    from gureum.operate.images.add import add as add_image
    from gureum.operate.images.properties import properties_of
    from gureum.operate.images.source import Wish
    from gureum.views import image_text
    from gureum.views.data import show
    from gureum.views.image_progress import choose

    c = context(name, file)
    wish = Wish(what, origin, sha256, build_it)
    more = properties_of(properties or [])
    choice = Choice(name=called, visibility=visibility.value, properties=more, replace=replace)
    view = choose(json)
    try:
        done = add_image(c.loaded, c.folder, wish, choice, say=view.say, tell=view.tell)
    finally:
        view.close()
    show("image_add", done, image_text.added(done), json=json)


@app.command("list")
def list_images(file: InputFile = None, name: CloudName = None, json: Json = False) -> None:
    """Show the images that can be added by name, and those that the cloud has."""
    from gureum.cli.context import context
    from gureum.operate.images.listing import listed
    from gureum.views import image_text
    from gureum.views.data import show

    c = context(name, file)
    found = listed(c.loaded, c.folder)
    show("image_list", image_text.listed_data(found), image_text.listed(found), json=json)


@app.command()
def build(
    what: Annotated[
        Guest, typer.Argument(help="tiny, the guest of the checks; or debian-13 with cloud-init.")
    ] = Guest.TINY,
    *,
    renew: Annotated[
        bool, typer.Option("--renew", help="Build debian-13 anew, of today's packages.")
    ] = False,
    json: Json = False,
) -> None:
    """Build a guest of this machine's package mirror, unless the very same is there."""
    from gureum.images import debian_guest, tiny
    from gureum.state.folder import cache

    if what is Guest.TINY:
        image, add_it = tiny.build(cache(), _say), "tiny"
    else:
        image = debian_guest.build(cache(), _say, renew=renew)
        add_it = "debian-13 --build"
    if json:
        found = {
            "path": str(image.path),
            "sha256": image.sha256,
            "size": image.size,
            "disk_format": image.disk_format,
            "properties": dict(image.properties),
            "user": image.user,
        }
        typer.echo(json_format.dumps(found))
        return
    typer.echo(image.path)
    _say(
        f"{image.size // 1024 // 1024} MB qcow2, log in as {image.user} with a key, sha256 {image.sha256}"
    )
    _say(runnable(f"next: gureum image add {add_it}"))


@app.command()
def convert(
    image: ImageFile,
    to: Annotated[str, typer.Option("--to", help="qcow2 or raw.")] = "raw",
    output: Annotated[
        Path | None, typer.Option("--output", help="The new file; by default beside the old one.")
    ] = None,
) -> None:
    """Convert an image to qcow2 or raw; the result is checked and compared before it is named."""
    from gureum.images import convert as convert_image

    typer.echo(convert_image(image, to, output))


@app.command()
def check(image: ImageFile) -> None:
    """Check an image and tell its format, its size and what it is for."""
    from gureum.images import check as check_image
    from gureum.images.fitting import architecture_of
    from gureum.images.inspection import inspect

    found = inspect(image)
    check_image(image, found.disk_format if found.disk_format == "qcow2" else None)
    size = found.virtual_size / 1024 / 1024
    processor = architecture_of(image, found.disk_format)
    made_for = f", for {processor}" if processor else ""
    typer.echo(f"{image}: sound, {found.disk_format}, {size:.0f} MB as a disk{made_for}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
