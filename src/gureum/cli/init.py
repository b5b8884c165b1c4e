"""`gureum init`: a commented cloud.yaml to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gureum.cli.options import Shape
from gureum.errors import GureumError
from gureum.program import runnable


def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("cloud.yaml"),
    shape: Annotated[
        Shape, typer.Option("--shape", help="Which hosts it begins with.")
    ] = Shape.ALL_IN_ONE,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented cloud.yaml: every key with its meaning, the defaults as they are."""
    from gureum.model.commented import commented
    from gureum.model.default import SHAPES

    text = commented(SHAPES[shape]("cloud"))
    try:
        with file.open("w" if force else "x") as out:
            out.write(text)
    except FileExistsError:
        raise GureumError(
            f"{file} is there already, and was left as it is",
            hint=f"gureum init {file.with_stem(file.stem + '-new')}, or --force to replace it",
        ) from None
    except OSError as error:
        raise GureumError(
            f"{file} cannot be written: {error.strerror}", hint=f"ls -ld {file.parent}"
        ) from None
    typer.echo(f"wrote {file}", err=True)
    typer.echo("next:", err=True)
    plain = file == Path("cloud.yaml")
    typer.echo(runnable("  gureum up" if plain else f"  gureum up --file {file}"), err=True)
