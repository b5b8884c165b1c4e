"""Options: by file, section and name, or by name alone; set, or left at upstream's default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gureum.config.setting import Setting
from gureum.config.text import plain
from gureum.operate.explain.answer import (
    Answer,
    HostValue,
    OptionAnswer,
    OptionLine,
    OptionsAnswer,
    Reason,
)
from gureum.operate.explain.change import change
from gureum.operate.explain.elsewhere import related
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene
from gureum.operate.explain.upstream import default_text, upstream
from gureum.releases import OptionSchema

_MOST = 14


@dataclass(frozen=True)
class Place:
    """The address of an option, and whether anybody sets it; `asked_as` is its deprecated name."""

    file: str
    section: str
    name: str
    is_set: bool
    asked_as: str = ""


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the option that is meant, or a list where several are."""
    places = locate(asked.parts, scene) if asked.parts else []
    if not places and asked.word and "." in asked.word:
        section, _, name = asked.word.partition(".")
        places = locate((section, name), scene)
    if len(places) == 1:
        yield explain(places[0], scene)
    elif places:
        lines = tuple(line(place, scene) for place in places[:_MOST])
        yield OptionsAnswer(
            name=asked.parts[-1],
            options=lines,
            more=max(0, len(places) - _MOST),
            ask=_ask(scene, places[0]),
        )


def locate(parts: Sequence[str], scene: Scene) -> list[Place]:
    """Return the options that `parts` (file or service, section, name) mean, those set first."""
    *given, name = parts
    if len(given) > 2:
        return []
    found = list(_named(given, name, scene)) or list(_renamed(given, name, scene))
    spelt_so = {_plain(name), name}
    return sorted(found, key=lambda place: (place.name not in spelt_so, not place.is_set))


def _named(given: Sequence[str], name: str, scene: Scene) -> Iterator[Place]:
    wanted = _plain(name)
    left: dict[tuple[str, str, str], str] = {}
    for file, filed in scene.files.items():
        schema = scene.schema(file)
        set_here = {
            (section, option)
            for _, f, section, option, _ in scene.all_settings()
            if f == file and _plain(option) == wanted
        }
        known = {(section, wanted) for section in schema.sections_with(wanted)} if schema else set()
        for section, option in sorted(set_here | known, key=lambda one: (one[0] != "DEFAULT", one)):
            if not _given(given, file, filed.service, section, scene):
                continue
            if (section, option) in set_here:
                yield Place(file, section, option, True)
            elif filed.file.schema:
                left.setdefault((filed.file.schema, section, option), file)
                if scene.settings_in(file, section):
                    # Of two files with one schema it belongs where its neighbours stand.
                    left[filed.file.schema, section, option] = file
    yield from _unset(left, given, scene)


def _unset(
    left: dict[tuple[str, str, str], str], given: Sequence[str], scene: Scene
) -> Iterator[Place]:
    """Yield what is set in no file of a process, once: in the file that all its units read."""
    for (schema, section, option), file in left.items():
        beside = scene.release.schema(schema).beside
        elsewhere = any((other, section, option) in left for other in beside)
        same_schema = [n for n, f in scene.files.items() if f.file.schema in (schema, *beside)]
        if elsewhere and file not in given:
            continue
        if any(scene.settings(name, section, option) for name in same_schema):
            continue
        yield Place(file, section, option, False)


def _renamed(given: Sequence[str], name: str, scene: Scene) -> Iterator[Place]:
    seen = set()
    for file, filed in scene.files.items():
        schema = scene.schema(file)
        for old_section, section, new in schema.renamed(_plain(name)) if schema else ():
            fits = _given(given, file, filed.service, old_section, scene)
            if fits and (filed.file.schema, section, new) not in seen:
                seen.add((filed.file.schema, section, new))
                is_set = bool(scene.settings(file, section, new))
                yield Place(file, section, new, is_set, f"[{old_section}] {_plain(name)}")


def _given(given: Sequence[str], file: str, service: str, section: str, scene: Scene) -> bool:
    """Tell whether each given word names the file (or its service) or the section, once each."""
    names = {file, file.rsplit(".", 1)[0], service, scene.files[file].file.path}
    of_file = [word in names for word in given]
    of_section = [word.lower() == section.lower() for word in given]
    if len(given) == 1:
        return of_file[0] or of_section[0]
    if len(given) == 2:
        return (of_file[0] and of_section[1]) or (of_section[0] and of_file[1])
    return True


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def explain(place: Place, scene: Scene) -> OptionAnswer:
    """Return all there is to say of one option."""
    address = (place.file, place.section, place.name)
    filed = scene.files[place.file]
    settings = scene.settings(*address)
    schema = scene.schema(place.file)
    declared = schema.option(place.section, place.name) if schema else None
    host = next(iter(settings), filed.hosts[0])
    setting = settings.get(host)
    follows = scene.trials(filed.service, host).causes(address)
    return OptionAnswer(
        file=place.file,
        path=filed.file.path,
        section=place.section,
        name=place.name,
        asked_as=place.asked_as,
        is_set=bool(settings),
        values=_values(scene, place, settings, declared),
        follows=follows,
        upstream=upstream(declared) if declared else None,
        read_by=scene.option_readers(filed.file.path, place.section, place.name),
        related=related(scene, address, host, setting) if setting else (),
        change=change(scene, address, setting, declared, follows),
    )


def listed(answer: OptionAnswer, scene: Scene) -> OptionsAnswer:
    """Return one option as a list of one."""
    only = OptionLine(
        file=answer.file,
        section=answer.section,
        name=answer.name,
        is_set=answer.is_set,
        value=answer.values[0].value,
        why="",
    )
    return OptionsAnswer(name=answer.name, options=(only,), ask=_ask(scene, only))


def line(place: Place, scene: Scene) -> OptionLine:
    """Return one option of a list."""
    settings = scene.settings(place.file, place.section, place.name)
    schema = scene.schema(place.file)
    declared = schema.option(place.section, place.name) if schema else None
    values = _values(scene, place, settings, declared)
    return OptionLine(
        file=place.file,
        section=place.section,
        name=place.name,
        is_set=bool(settings),
        value=" or ".join(value.value for value in values),
        why=values[0].reasons[0].why if values[0].reasons else "",
    )


def _values(
    scene: Scene, place: Place, settings: dict[str, Setting], declared: OptionSchema | None
) -> tuple[HostValue, ...]:
    filed = scene.files[place.file]
    found: dict[Setting | None, list[str]] = {}
    for host in filed.hosts:
        found.setdefault(settings.get(host), []).append(host)
    return tuple(
        _set_value(tuple(hosts), setting, place, scene)
        if setting is not None
        else HostValue(
            hosts=tuple(hosts),
            value=default_text(declared) if declared else "",
            secret=False,
            reasons=(),
        )
        for setting, hosts in found.items()
    )


def _set_value(hosts: tuple[str, ...], setting: Setting, place: Place, scene: Scene) -> HostValue:
    # What upstream calls a secret is one, also where the operator wrote it down.
    secret = scene.hidden(place.file, place.section, place.name, setting)
    instead = setting.instead_of
    read = ("ssh", hosts[0], "grep", f"^{place.name}", scene.files[place.file].file.path)
    return HostValue(
        hosts=hosts,
        value="***" if secret else plain(setting.value),
        secret=secret,
        reasons=tuple(_reason(one) for one in (setting, *setting.also)),
        instead_of=_reason(instead) if instead else None,
        instead_of_value=("***" if secret else plain(instead.value)) if instead else "",
        read_with=scene.typed(*read) if secret else "",
    )


def _ask(scene: Scene, place: Place | OptionLine) -> str:
    words = (place.file, place.section, place.name)
    return scene.typed("explain", *(word for word in words if word))


def _reason(setting: Setting) -> Reason:
    by_operator = not setting.source.file.startswith("services/")
    return Reason(why=setting.why, set_by=str(setting.source), by_operator=by_operator)
