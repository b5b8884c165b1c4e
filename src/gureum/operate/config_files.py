"""The files that gureum writes, by the names that people use for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gureum.config.render import render
from gureum.config.setting import ConfigTree, Setting
from gureum.config.text import plain
from gureum.diagnostics import did_you_mean
from gureum.drift.intent import WantedFile
from gureum.drift.options import HIDDEN, is_secret
from gureum.errors import GureumError, InputError
from gureum.operate.chosen_hosts import chosen_hosts
from gureum.operate.drift import files_of
from gureum.operate.known import Known
from gureum.operate.typed import typed
from gureum.plan.difference import mask


@dataclass(frozen=True)
class ShownFile:
    """A file as it is wanted; `text` is None in a list. `revealed` texts hold secrets."""

    host: str
    name: str
    path: str
    owner: str
    group: str
    mode: str
    service: str
    why: str
    units: tuple[str, ...]
    text: str | None = None
    revealed: bool = False


def listing(known: Known, host: str | None) -> tuple[ShownFile, ...]:
    """Return every file of the cloud, or of one host, without its text."""
    return tuple(_described(one) for one in _files(known, host))


def shown(known: Known, name: str, host: str | None, *, reveal: bool) -> tuple[ShownFile, ...]:
    """Return a file as it is wanted on each host that has it, with reasons as comments.

    Raises InputError for a name that no file has, and GureumError for secrets of a cloud that has
    none yet.
    """
    deployment = known.deployment
    if reveal and known.seen is None:
        raise GureumError(
            "this cloud has no secrets yet that could be shown",
            detail="they are made when it is first deployed",
            hint=typed(deployment.loaded, "up"),
        )
    redact = known.blueprint.secrets.redactor()
    return tuple(
        replace(_described(one), text=_text(known, one, redact, reveal), revealed=reveal)
        for one in find(name, _files(known, host))
    )


def find(name: str, files: Iterable[WantedFile]) -> list[WantedFile]:
    """Return the files of this name, path or last part of a path, one for each host that has it.

    Raises InputError with the nearest names where there is none, or where several files of one host
    are meant.
    """
    known = list(files)
    for place in range(3):
        found = [one for one in known if _called(one)[place] == name]
        paths = sorted({one.path for one in found})
        if len(paths) > 1:
            raise InputError(f"several files are called {name}", [], hint=" or ".join(paths))
        if found:
            return found
    names = {one.name for one in known} | {one.path.rsplit("/", 1)[-1] for one in known}
    near = did_you_mean(name, names) or did_you_mean(name, {one.path for one in known})
    raise InputError(
        f"gureum writes no file {name!r}", [], hint=near or "gureum config show lists them all"
    )


def _called(file: WantedFile) -> tuple[str, str, str]:
    return file.name, file.path, file.path.rsplit("/", 1)[-1]


def paths_of(known: Known, name: str) -> set[str]:
    """Return the path that a name stands for."""
    return {one.path for one in find(name, _files(known, None))}


def _files(known: Known, host: str | None) -> Iterator[WantedFile]:
    on = chosen_hosts(known.deployment.cloud, [host] if host else [])
    for name, files in files_of(known.blueprint).items():
        if name in on:
            yield from files


def _described(one: WantedFile) -> ShownFile:
    owner, group, mode = one.ownership
    return ShownFile(
        host=one.host,
        name=one.name,
        path=one.path,
        owner=owner,
        group=group,
        mode=f"{mode:04o}",
        service=one.step.service,
        why=one.step.why,
        units=tuple(unit.removesuffix(".service") for unit in one.readers),
    )


def _text(known: Known, one: WantedFile, redact: Callable[[str], str], reveal: bool) -> str:
    if one.file is None:
        if reveal:
            return one.state.content
        if one.state.hidden:
            return f"# {HIDDEN}: the whole file is secret; --reveal shows it\n"
        return mask(redact(one.state.content))
    settings = one.settings if reveal else _masked(one, redact)
    tree = ConfigTree({one.file.name: settings})
    release = known.blueprint.contexts[one.host].release
    text = render(tree, one.file, release, reasons=True)
    return text if reveal else redact(text)


def _masked(one: WantedFile, redact: Callable[[str], str]) -> Mapping[str, Mapping[str, Setting]]:
    """Return the settings with `***` in place of every secret."""

    def masked(section: str, name: str, setting: Setting) -> Setting:
        option = one.schema.option(section, name) if one.schema else None
        hide = is_secret(name, [plain(setting.value)], option, setting, redact=redact)
        return replace(setting, value=HIDDEN) if hide else setting

    return {
        section: {name: masked(section, name, setting) for name, setting in settings.items()}
        for section, settings in one.settings.items()
    }
