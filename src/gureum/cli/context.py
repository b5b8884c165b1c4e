"""Which cloud a command is about."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from gureum.errors import GureumError
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
    """Return the cloud of `file`, else of ./cloud.yaml, else the one that was built before.

    A cloud that was built keeps in mind what it was built from, and is never taken for another
    because a command was typed in another folder. Where there is none, it is the built-in
    all-in-one. `name` goes before the input's own name: one input makes as many clouds as it is
    given names. Raises InputError with every mistake of the input.
    """
    loaded = load(file) if file else _found(name)
    if name is not None and name != loaded.cloud.name:
        loaded = loaded.renamed(name)
    return CliContext(loaded, CloudFolder(loaded.cloud.name))


def of_shape(name: str | None, shape: str) -> CliContext:
    """Return a cloud of a built-in shape, whose input is written into the cloud's folder.

    Raises GureumError where the cloud has an input already: a shape is what one begins with.
    """
    from gureum.model.commented import commented
    from gureum.model.default import SHAPES
    from gureum.operate.kept_input import kept_input

    cloud = default_cloud(name or "cloud").cloud
    folder = CloudFolder(cloud.name)
    path = folder.path / HERE
    kept = kept_input(folder)
    found = HERE if HERE.exists() and name is None else kept and kept.file
    if found and found != path:
        raise GureumError(
            f"the cloud {cloud.name!r} has an input already: {found}",
            detail="a shape is for a cloud that has none",
            hint="gureum up, without --shape; or --cloud with another name",
        )
    wanted = SHAPES[shape](cloud.name)
    if not path.exists():
        folder.make().write(path, commented(wanted))
    loaded = replace(_loud(path), kept=True)
    if loaded.cloud.hosts != wanted.hosts:
        raise GureumError(
            f"the cloud {cloud.name!r} is no {shape} any more: {path} says otherwise",
            hint="gureum up, without --shape; or --cloud with another name",
        )
    return CliContext(loaded, folder)


def _found(name: str | None) -> LoadedCloud:
    from gureum.operate.kept_input import kept_input

    kept = kept_input(CloudFolder(name or default_cloud().cloud.name))
    if HERE.exists() and (name is None or kept is None or kept.file == HERE.absolute()):
        return _loud(HERE)
    if kept is not None:
        _say(kept.file)
        return kept.load()
    return default_cloud()


def _loud(path: Path) -> LoadedCloud:
    _say(path)
    return load(path)


def _say(path: Path) -> None:
    print(f"input: {path if path.is_absolute() else f'./{path}'}", file=sys.stderr)
