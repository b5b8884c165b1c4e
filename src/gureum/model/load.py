"""From cloud.yaml, or nothing, to a `Cloud`: every mistake in one error, each with its line."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gureum.diagnostics import Diagnostic, Source
from gureum.errors import InputError
from gureum.model import mistakes, reading, validate
from gureum.model.cloud import Cloud
from gureum.model.default import all_in_one
from gureum.model.problem import KeyPath, Problem

BUILT_IN = "the built-in all-in-one"


@dataclass(frozen=True)
class LoadedCloud:
    """A valid cloud, its text, and where each of its keys was written."""

    cloud: Cloud
    file: str = BUILT_IN
    text: str = ""
    written: reading.Reading = field(default_factory=reading.Reading, repr=False)
    kept: bool = False
    """Whether the cloud itself keeps in mind that this is its input: its name leads there."""

    def locate(self, key_path: KeyPath) -> Source:
        """Return the place of the key at `key_path`, or of the nearest key above it."""
        return Source(self.file, self.written.line_of(key_path))

    def renamed(self, name: str) -> LoadedCloud:
        """Return the same cloud under another name; raises InputError if it cannot be one."""
        data = self.cloud.model_dump(exclude_unset=True) | {"name": name}
        try:
            return replace(self, cloud=Cloud.model_validate(data))
        except ValidationError as error:
            found = mistakes.problems(error, {("name",)})
            raise InputError(
                f"{name!r} cannot be the name of a cloud",
                [Diagnostic(p.summary, detail=p.detail, hint=p.hint) for p in found],
            ) from None


def default_cloud(name: str = "cloud") -> LoadedCloud:
    """Return the all-in-one that is built where there is no cloud.yaml; raises as `load` does."""
    built_in = LoadedCloud(all_in_one())
    return built_in if name == built_in.cloud.name else built_in.renamed(name)


def load(path: Path | None, text: str | None = None) -> LoadedCloud:
    """Return the cloud that `path` (or `text`, with `path` as its name) describes.

    Without both it is the default. Raises InputError with a diagnostic for every mistake found.
    """
    if path is None and text is None:
        return default_cloud()
    name = str(path) if path else "cloud.yaml"
    if text is None:
        assert path is not None
        text = _text_of(path)
    written = reading.read(text, shlex.quote(name))
    found = [
        Diagnostic(f.summary, detail=f.detail, hint=f.hint, source=Source(name, f.line))
        for f in written.faults
    ]
    cloud, problems = _cloud(written)
    found += [
        Diagnostic(
            p.summary, detail=p.detail, hint=p.hint, source=Source(name, written.line_of(p.path))
        )
        for p in problems
    ]
    if found or cloud is None:
        raise _refusal(name, found)
    return LoadedCloud(cloud, name, text, written)


def load_begun(path: Path, text: str) -> tuple[LoadedCloud, list[Diagnostic]]:
    """Return the cloud of a text whose hosts are not all described yet, and what it still lacks.

    Raises InputError for every mistake that is more than something lacking.
    """
    name = str(path)
    written = reading.read(text, shlex.quote(name))
    found = [
        Diagnostic(f.summary, detail=f.detail, hint=f.hint, source=Source(name, f.line))
        for f in written.faults
    ]
    cloud, problems = _cloud(written)
    lacks = validate.lacking(cloud) if cloud else []
    found += [
        Diagnostic(
            p.summary, detail=p.detail, hint=p.hint, source=Source(name, written.line_of(p.path))
        )
        for p in problems
        if p not in lacks
    ]
    if found or cloud is None:
        raise _refusal(name, found)
    missing = [Diagnostic(p.summary, detail=p.detail, hint=p.hint) for p in lacks]
    return LoadedCloud(cloud, name, text, written), missing


def _refusal(name: str, found: Iterable[Diagnostic]) -> InputError:
    ordered = sorted(found, key=lambda d: (d.source and d.source.line) or 0)
    count = "a mistake" if len(ordered) == 1 else f"{len(ordered)} mistakes"
    summary = f"{name} has {count}; nothing was changed"
    return InputError(summary, ordered, hint="correct the lines named, then run the same again")


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        near = sorted(p.name for p in path.parent.glob("*.y*ml")) if path.parent.is_dir() else []
        detail = f"beside it: {', '.join(near)}" if near else ""
        reason, hint = "there is no such file", f"gureum init {shlex.quote(str(path))}"
    except IsADirectoryError:
        reason, detail, hint = "this is a folder", "", f"gureum init {path / 'cloud.yaml'}"
    except UnicodeDecodeError as error:
        reason, detail = "the file is not UTF-8 text", f"byte {error.start} is not"
        hint = f"iconv -f latin1 -t utf-8 {shlex.quote(str(path))}"
    except OSError as error:
        reason, detail = "the file cannot be read", error.strerror or ""
        hint = f"ls -l {shlex.quote(str(path))}"
    raise InputError(
        f"{path} cannot be used",
        [Diagnostic(reason, detail=detail, hint=hint, source=Source(str(path)))],
    )


def _cloud(written: reading.Reading) -> tuple[Cloud | None, list[Problem]]:
    if written.data is None:
        return None, []
    try:
        cloud = Cloud.model_validate(written.data)
    except ValidationError as error:
        found = mistakes.problems(error, written.lines)
        return None, found + _meaning_beside(written.data, found)
    return cloud, validate.problems(cloud)


def _meaning_beside(data: dict[str, Any], found: list[Problem]) -> list[Problem]:
    """Return what else is wrong with a cloud some of whose keys are.

    The wrong keys are left out and the rest is judged. A rule that speaks of a place where a key
    was left out would mislead (a host with `adress` does have an address), so it is not reported.
    """
    rest = data
    for problem in found:
        rest = _without(rest, problem.path)
    try:
        cloud = Cloud.model_validate(rest)
    except ValidationError:
        return []
    return [
        said
        for said in validate.problems(cloud)
        if not any(_touches(said.path, problem.path) for problem in found)
    ]


def _touches(said: KeyPath, left_out: KeyPath) -> bool:
    beside = left_out[:-1] or left_out
    return said[: len(beside)] == beside or left_out[: len(said)] == said


def _without(data: Any, path: KeyPath) -> Any:
    """Return `data` less the key at `path`; of a list that holds a wrong item, nothing is left."""
    if not path or not isinstance(data, dict) or path[0] not in data:
        return data
    if len(path) == 1 or isinstance(path[1], int):
        return {key: value for key, value in data.items() if key != path[0]}
    return data | {path[0]: _without(data[path[0]], path[1:])}
