"""`gureum image`: the tiny test guest, and conversion of disk images (R-LAB-3)."""

from __future__ import annotations

import json as json_format
import sys
from pathlib import Path
from typing import Annotated

import typer

from gureum.cli.options import Json
from gureum.program import runnable

app = typer.Typer(
    help="Build the tiny test guest; convert and check disk images.",
    no_args_is_help=True,
    add_completion=False,
)
ImageFile = Annotated[Path, typer.Argument(help="A disk image.", exists=True, dir_okay=False)]


@app.command()
def build(json: Json = False) -> None:
    """Build the test guest of this machine's own packages, unless the very same is there."""
    from gureum.images import tiny
    from gureum.state.folder import cache

    image = tiny.build(cache(), _say)
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
    flags = " ".join(f"--property {key}={value}" for key, value in image.properties.items())
    _say(
        f"{image.size // 1024 // 1024} MB qcow2, log in as {image.user} with a key, sha256 {image.sha256}"
    )
    create = (
        f"gureum openstack image create --file {image.path} --disk-format qcow2 {flags} my-guest"
    )
    _say(runnable(f"next: {create}"))


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
    """Check an image and tell its format and size."""
    from gureum.images import check as check_image

    told = check_image(image)
    size = int(told["virtual-size"]) / 1024 / 1024
    typer.echo(f"{image}: sound, {told['format']}, {size:.0f} MB as a disk")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
