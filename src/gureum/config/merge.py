"""Gathers the options of all services and of the operator in one tree (R-CONF-1, R-CONF-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gureum.config.setting import ConfigTree, Option, Setting
from gureum.config.text import shown
from gureum.diagnostics import Diagnostic
from gureum.errors import ConfigError
from gureum.state.secrets import Secret

_Address = tuple[str, str, str]


def merge(options: Iterable[Option]) -> ConfigTree:
    """Return one host's options as a tree: every option stands in it once.

    Equal values merge and keep both reasons. An operator's option takes the place of a service's,
    unless that one is fixed. Raises ConfigError with a diagnostic for every option about which two
    sources disagree, both of them named with their reasons.
    """
    tree, conflicts = settle(options)
    if conflicts:
        raise ConfigError(disagreement(conflicts), conflicts)
    return tree


def settle(options: Iterable[Option]) -> tuple[ConfigTree, list[Diagnostic]]:
    """Do as `merge`, but return the conflicts beside a tree of all that is not in conflict.

    Who goes on to check the tree can report every mistake of both kinds at once.
    """
    gathered: dict[_Address, list[Option]] = {}
    for option in options:
        gathered.setdefault((option.file, option.section, option.name), []).append(option)
    files: dict[str, dict[str, dict[str, Setting]]] = {}
    conflicts: list[Diagnostic] = []
    for address, all_of_it in gathered.items():
        settled = _settle(address, all_of_it)
        if isinstance(settled, Diagnostic):
            conflicts.append(settled)
        else:
            file, section, name = address
            files.setdefault(file, {}).setdefault(section, {})[name] = settled
    return ConfigTree(files), conflicts


def disagreement(conflicts: Sequence[Diagnostic]) -> str:
    """Return what conflicts come to, in one sentence."""
    return f"{_count(len(conflicts))} set to different values"


def _settle(address: _Address, options: Sequence[Option]) -> Setting | Diagnostic:
    services = [option.setting for option in options if not option.override]
    operator = [option.setting for option in options if option.override]
    for group in (services, operator):
        if any(not _equal(one, group[0]) for one in group):
            return _conflict(address, group)
    if not operator:
        return _together(services)
    if not services or _equal(services[0], operator[0]):
        return _together([*operator, *services])
    fixed = [one for one in services if one.fixed or isinstance(one.value, Secret)]
    if fixed:
        return _conflict(address, [fixed[0], operator[0]], fixed=True)
    return replace(_together(operator), instead_of=_together(services))


def _equal(one: Setting, other: Setting) -> bool:
    # 1 and True are equal in Python, but not in a config file.
    return one.value == other.value and type(one.value) is type(other.value)


def _together(settings: Sequence[Setting]) -> Setting:
    first = settings[0]
    further = {(one.why, one.source): one for one in settings[1:]}
    further.pop((first.why, first.source), None)
    fixed = any(one.fixed for one in settings)
    return replace(first, fixed=fixed, also=tuple(further.values())) if further else first


def _conflict(address: _Address, settings: Sequence[Setting], *, fixed: bool = False) -> Diagnostic:
    file, section, name = address
    distinct: list[Setting] = []
    for setting in settings:
        if not any(_equal(setting, one) for one in distinct):
            distinct.append(setting)
    sources = " and ".join(dict.fromkeys(str(one.source) for one in distinct))
    where = f"{file} [{section}] {name}" if section else f"{file} {name}"
    if fixed:
        summary = f"{where} cannot be overridden: {distinct[0].source} fixes it"
        hint = (
            f"remove it from {distinct[1].source}; the rest of the cloud counts on gureum's value"
        )
    else:
        summary = f"{where} is set to different values by {sources}"
        hint = f"keep one of them: an option has one value, and {file} is written once"
    # Where one side is a secret, the other is meant to be one, whoever wrote it.
    secret = any(isinstance(one.value, Secret) for one in distinct)
    wanted = [(one, "***" if secret else shown(one.value)) for one in distinct]
    return Diagnostic(
        summary=summary,
        detail="\n".join(f"{one.source} wants {value}: {one.why}" for one, value in wanted),
        source=settings[-1].source,
        hint=hint,
    )


def _count(number: int) -> str:
    return "1 option is" if number == 1 else f"{number} options are"
