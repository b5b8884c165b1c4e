"""Which cloud a command is about."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from gureum.model.load import LoadedCloud, default_cloud, load
from gureum.state.folder import CloudFolder

HERE = Path("cloud.yaml")
"""The input that is taken where none is named."""


@dataclass(frozen=True)
class CliContext:
    """A cloud's input and the folder of what gureum knows of it."""

    loaded: LoadedCloud
    folder: CloudFolder


def context(name: str | None, file: Path | None) -> CliContext:
    """Return the cloud of `file`, else of ./cloud.yaml, else the built-in all-in-one.

    `name` goes before the input's own name: one input makes as many clouds as it is given names.
    Raises InputError with every mistake of the input.
    """
    if file is None and HERE.exists():
        file = HERE
        print(f"input: ./{HERE}", file=sys.stderr)
    loaded = load(file) if file else default_cloud()
    if name is not None and name != loaded.cloud.name:
        loaded = loaded.renamed(name)
    return CliContext(loaded, CloudFolder(loaded.cloud.name))
