"""Options that many commands share, spelt and explained once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Shape(StrEnum):
    """The shapes of a cloud that need no input; a test holds them to those of the model."""

    ALL_IN_ONE = "all-in-one"
    THREE_NODE = "three-node"


InputFile = Annotated[
    Path | None,
    typer.Option("--file", "-f", help="The cloud's input; by default ./cloud.yaml if it exists."),
]
CloudName = Annotated[
    str | None, typer.Option("--cloud", "-n", help="The cloud's name, in place of the input's.")
]
Json = Annotated[bool, typer.Option("--json", help="JSON, one object a line, for programs.")]
KeepEdits = Annotated[
    bool,
    typer.Option(
        "--keep-edits", help="Change nothing if a file was edited by hand: name it, and exit 1."
    ),
]
SkipUnreachable = Annotated[
    bool,
    typer.Option(
        "--skip-unreachable",
        help="Go on without compute hosts that do not answer; they get what they miss later.",
    ),
]
SomeHosts = Annotated[
    list[str] | None,
    typer.Option("--host", metavar="HOST", help="Only this host; may be repeated."),
]
NamedHosts = Annotated[
    list[str] | None, typer.Argument(help="Hosts; all of them by default.", show_default=False)
]
OneHost = Annotated[
    str | None, typer.Option("--host", metavar="HOST", help="Only this host of the cloud.")
]
