"""Takes hand edits of a config file into cloud.yaml: the operator's own words from then on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gureum.config.text import plain
from gureum.diagnostics import Diagnostic, did_you_mean
from gureum.drift.judge import FileDrift
from gureum.drift.options import Kind, OptionDrift
from gureum.drift.origin import Origin
from gureum.errors import GureumError, InputError
from gureum.model.commented import commented
from gureum.model.edit import edited
from gureum.model.load import BUILT_IN, LoadedCloud, load
from gureum.model.problem import KeyPath
from gureum.operate.chosen_hosts import chosen_hosts
from gureum.operate.config_files import find
from gureum.operate.deployment import Deployment
from gureum.operate.drift import Choice, files_of, look, memory_of
from gureum.operate.edits import written
from gureum.operate.input_file import write_input
from gureum.operate.known import known
from gureum.operate.typed import FOUND, typed

NOT_BY_HAND = (Origin.INTENT, Origin.EARLIER)


@dataclass(frozen=True)
class Adopted:
    """What an adoption comes to: the input's file, its change as a diff, and the options taken.

    `left` names what of the file still differs, in words; apply takes that back.
    """

    file: str
    diff: str
    options: tuple[OptionDrift, ...]
    keys: tuple[str, ...]
    made: bool
    written: bool
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What is to be adopted: all hand edits of a file, a section's, or one option's, of one host."""

    file: str
    section: str | None = None
    option: str | None = None
    host: str | None = None


def adopt(deployment: Deployment, wish: Wish, *, write: bool, dry_run: bool) -> Adopted:
    """Put hand edits into the input, so that an apply leaves them as they are.

    Raises GureumError, and changes nothing, for edits that the input cannot or must not hold, for a
    file that nobody edited, and for a cloud without an input unless `write` allows to make one.
    """
    loaded = deployment.loaded
    chosen_hosts(deployment.cloud, [wish.host] if wish.host else [])
    name = _config_name(deployment, wish.file)
    if loaded.file == BUILT_IN and not (write or dry_run):
        raise GureumError(
            "there is no cloud.yaml yet that could take the edit in",
            detail="this cloud is the built-in all-in-one",
            hint=f"{typed(loaded, 'config adopt', '--write', *_words(wish))} writes ./{FOUND} with it",
        )
    found = _drifted(deployment, wish, name)
    chosen = {one.host: _chosen(one, wish) for one in found}
    _refuse_if_none(deployment, wish, found, chosen)
    _refuse_unfit(deployment, wish, chosen)
    values = values_of(deployment, name, chosen)
    file = Path(FOUND if loaded.file == BUILT_IN else loaded.file)
    before = commented(loaded.cloud) if loaded.file == BUILT_IN else file.read_text()
    try:
        after = edited(before, values)
    except ValueError as error:
        raise GureumError(
            f"{file} cannot be edited by a program here: {error}",
            hint="write it by hand: " + "; ".join(_spelt(p, v) for p, v in values.items()),
        ) from None
    renewed = _renewed(deployment, file, after)
    options = tuple({one.address: one for many in chosen.values() for one in many}.values())
    done = Adopted(
        file=str(file),
        diff=_diff(file, "" if loaded.file == BUILT_IN else before, after),
        options=options,
        keys=tuple(_spelt(path, value) for path, value in values.items()),
        made=loaded.file == BUILT_IN,
        written=not dry_run,
    )
    if dry_run:
        return done
    write_input(file, after, new=done.made)
    return replace(done, left=_settle(renewed, name))


def _config_name(deployment: Deployment, called: str) -> str:
    """Return the config file's name; raises InputError for a file that has no options."""
    files = [one for many in files_of(known(deployment).blueprint).values() for one in many]
    found = find(called, files)[0]
    if found.file is None:
        raise GureumError(
            f"{found.path} has no options that cloud.yaml could hold: gureum writes it whole",
            detail=f"it is there because: {found.step.why}",
            hint=typed(deployment.loaded, "config diff", found.path),
        )
    return found.file.name


def _drifted(deployment: Deployment, wish: Wish, name: str) -> list[FileDrift]:
    files = files_of(known(deployment).blueprint)
    paths = {one.path for many in files.values() for one in many if one.name == name}
    hosts = (wish.host,) if wish.host else ()
    seen = look(deployment, Choice(paths, hosts))
    if seen.errors:
        host, error = next(iter(seen.errors.items()))
        raise GureumError(
            f"{host} could not be asked, so it is not known what is to be adopted",
            detail=error,
            hint=f"name a host that answers: --host {seen.hosts[0]}",
        )
    return [one for one in seen.files if one.name == name]


def _chosen(drift: FileDrift, wish: Wish) -> list[OptionDrift]:
    return [
        one
        for one in drift.options
        if one.origin not in NOT_BY_HAND
        and wish.section in (None, one.section)
        and wish.option in (None, one.name)
    ]


def _refuse_if_none(
    deployment: Deployment,
    wish: Wish,
    found: Sequence[FileDrift],
    chosen: Mapping[str, Sequence[OptionDrift]],
) -> None:
    if any(chosen.values()):
        return
    edits = [one for drift in found for one in drift.options if one.origin not in NOT_BY_HAND]
    what = " ".join(_words(wish))
    if edits and wish.option:
        near = did_you_mean(wish.option, {one.name for one in edits})
        others = ", ".join(dict.fromkeys(one.address for one in edits))
        raise InputError(f"{what} was not edited by hand", [], hint=near or f"edited are: {others}")
    form = any(one.form_only for one in found)
    broken = any(one.broken for one in found)
    detail = "its options are all as they are wanted" if form or broken else ""
    raise GureumError(
        f"nothing of {what} was edited by hand that cloud.yaml could hold",
        detail=detail,
        hint=typed(deployment.loaded, "config diff", wish.file),
    )


def _refuse_unfit(
    deployment: Deployment, wish: Wish, chosen: Mapping[str, Iterable[OptionDrift]]
) -> None:
    """Raise InputError with every edit that cannot be adopted, and why; nothing was changed."""
    found = [
        Diagnostic(f"{host}: {wish.file} {one.address}: {said[0]}", detail=said[1], hint=said[2])
        for host, options in chosen.items()
        for one in options
        if (said := unfit(one))
    ]
    if not found:
        return
    fit = [one for options in chosen.values() for one in options if not unfit(one)]
    hint = typed(deployment.loaded, "apply") + " puts gureum's value back"
    if fit:
        words = _words(replace(wish, section=fit[0].section, option=fit[0].name))
        hint = f"adopt the others one by one: {typed(deployment.loaded, 'config adopt', *words)}"
    count = "an edit" if len(found) == 1 else f"{len(found)} edits"
    raise InputError(f"{count} cannot be adopted; nothing was changed", found, hint=hint)


def unfit(one: OptionDrift) -> tuple[str, str, str] | None:
    """Return why an edit cannot be adopted: summary, detail, and what to do instead."""
    if one.secret:
        return (
            "it is a secret",
            one.why or "secrets are made and kept by gureum, on both of their ends",
            "",
        )
    if one.fixed:
        return ("gureum fixes it, for the rest of the cloud counts on it", one.why, "")
    if one.kind is Kind.REMOVED:
        if one.default is not None:
            instead = f"to have upstream's default, set it in cloud.yaml: {one.name}: {one.default}"
        else:
            instead = "set it in cloud.yaml to the value that you want"
        return (
            "it was removed, and cloud.yaml can set an option but not unset it",
            one.why,
            instead,
        )
    if one.wrong:
        return (one.wrong, "", "write in the file what the release takes, then adopt that")
    return None


def values_of(
    deployment: Deployment, name: str, chosen: Mapping[str, Sequence[OptionDrift]]
) -> dict[KeyPath, Any]:
    """Return what to write where: for all hosts what all of them have, else below the host."""
    have = [
        host
        for host, files in files_of(known(deployment).blueprint).items()
        if any(one.name == name for one in files)
    ]
    by_address: dict[tuple[str, str], dict[str, OptionDrift]] = {}
    for host, options in chosen.items():
        for one in options:
            by_address.setdefault((one.section, one.name), {})[host] = one
    values: dict[KeyPath, Any] = {}
    for (section, option), found in by_address.items():
        same = len({one.values for one in found.values()}) == 1
        own = any(_set_on(deployment, host, name, section, option) for host in found)
        if same and not own and set(found) == set(have):
            value = _value(next(iter(found.values())))
            values["config", name, section, option] = value
        else:
            for host, one in found.items():
                values["hosts", host, "config", name, section, option] = _value(one)
    return values


def _set_on(deployment: Deployment, host: str, *address: str) -> bool:
    """Tell whether the input sets an option for one host alone, which wins over all hosts'."""
    here: Any = deployment.cloud.hosts[host].config
    for key in address:
        here = here.get(key) if isinstance(here, Mapping) else None
    return here is not None


def _value(one: OptionDrift) -> Any:
    """Return what stands in the file as the model's value that is written the same way again."""
    if len(one.values) > 1:
        return tuple(one.values)
    text = one.values[0]
    for kind in (_boolean, int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if plain(value) == text:
            return value
    return text


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _renewed(deployment: Deployment, file: Path, text: str) -> Deployment:
    """Return the cloud as the edited input describes it; raises where that does not hold."""
    loaded: LoadedCloud = load(file, text)
    if loaded.cloud.name != deployment.cloud.name:
        loaded = loaded.renamed(deployment.cloud.name)
    renewed = Deployment(loaded, deployment.folder)
    known(renewed)
    return renewed


def _settle(deployment: Deployment, name: str) -> tuple[str, ...]:
    """Remember the adopted files as they are; return what still differs of them."""
    blueprint = known(deployment).blueprint
    memory = memory_of(deployment, blueprint)
    files = {
        (one.host, one.path): one
        for many in files_of(blueprint).values()
        for one in many
        if one.name == name
    }
    seen = look(deployment, Choice({path for _, path in files}))
    drifted = {(one.host, one.path): one for one in seen.files}
    left = []
    for address, file in files.items():
        if file.host not in seen.hosts:
            continue
        drift = drifted.get(address)
        found = drift.sha256 if drift else file.sha256
        if drift is None or (drift.form_only and drift.what == ("text",)):
            memory.adopt(file.host, file.path, found, written(file, memory))
        else:
            left += [f"{file.host}: {one.address}" for one in drift.options]
            left += [f"{file.host}: {one.summary}" for one in drift.broken]
    memory.save()
    return tuple(left)


def _diff(file: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), str(file), str(file), "", "", 2, ""
    )
    return "\n".join(lines)


def _spelt(path: KeyPath, value: Any) -> str:
    shown = ", ".join(value) if isinstance(value, tuple) else plain(value)
    return f"{' > '.join(map(str, path))}: {shown}"


def _words(wish: Wish) -> list[str]:
    words = [wish.file]
    if wish.section is not None:
        words.append(f"[{wish.section}]")
    if wish.option is not None:
        words.append(wish.option)
    return words
