"""Files: one of options, one that is written whole, and the lines in it; sections of files as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gureum.config.setting import Setting
from gureum.config.text import plain
from gureum.operate.explain.answer import Answer, Fact, Row, Thing
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Filed, Scene
from gureum.services.declaration import TextFile
from gureum.services.systemd import unit_file
from gureum.steps.names import NamesKnown

HOSTS = "/etc/hosts"


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the files whose name or path is asked for."""
    for name, filed in scene.files.items():
        if asked.word in (name, filed.file.path):
            yield _options(scene, name, filed)
    for path, (host, service, text) in texts(scene).items():
        if asked.word in (path, path.rsplit("/", 1)[1]):
            yield _text(scene, host, service, text)
    if asked.word in (HOSTS, "hosts"):
        yield from _names(scene)


def _names(scene: Scene) -> Iterator[Answer]:
    """Yield the file of which gureum keeps a block: the names of the hosts."""
    steps = [s for s in scene.known.blueprint.steps if isinstance(s.state, NamesKnown)]
    known = {
        name: a
        for s in steps
        if isinstance(s.state, NamesKnown)
        for name, a in s.state.names.items()
    }
    if steps and scene.known.seen:
        yield Thing(
            kind="file",
            name=HOSTS,
            summary="a file of the host in which gureum keeps a block of its own",
            why=steps[0].why,
            facts={
                "hosts": tuple(step.host for step in steps),
                "names": tuple({"name": name, "address": a} for name, a in known.items()),
                "read_it": scene.typed("ssh", steps[0].host, "cat", HOSTS),
            },
        )


def find_section(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the sections of that name; with a file or service before it, those of it alone."""
    if not 1 <= len(asked.parts) <= 2:
        return
    *given, section = asked.parts
    for name, filed in scene.files.items():
        names = {name, name.rsplit(".", 1)[0], filed.service, filed.file.path}
        schema = scene.schema(name)
        known = {s for f, s in _sections(scene) if f == name}
        known |= set(schema.sections) if given and schema else set()
        for one in sorted(known):
            if one and one.lower() == section.lower() and (not given or given[0] in names):
                yield _section(scene, name, filed, one)


def find_line(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the lines with that word in files that are written whole."""
    if len(asked.word) < 3:
        return
    word = asked.word.lower()
    for path, (_, service, text) in texts(scene).items():
        lines = tuple(
            line.strip()
            for line in text.content.splitlines()
            if not line.startswith("#") and word in re.split(r"[\s=\"]+", line.lower())
        )
        if lines and not text.hidden:
            facts: dict[str, Fact] = {"file": path, "lines": lines, **_readers(scene, path)}
            yield Thing(
                kind="line",
                name=asked.word,
                summary=f"in a file that gureum writes whole for {service}",
                why=text.why,
                facts=facts,
            )


def texts(scene: Scene) -> dict[str, tuple[str, str, TextFile]]:
    """Return every file that is written whole: path -> (host, service, file)."""
    found: dict[str, tuple[str, str, TextFile]] = {}
    for host, d in scene.declared():
        own = [(unit_file(unit)) for unit in d.units]
        for text in (*d.files, *(one for one in own if one)):
            found.setdefault(text.path, (host, d.service, text))
    return found


def _options(scene: Scene, name: str, filed: Filed) -> Thing:
    file = filed.file
    facts: dict[str, Fact] = {
        "path": file.path,
        "owner": f"{file.owner}:{file.group}, mode {file.mode:04o}",
        "service": filed.service,
        "hosts": filed.hosts,
        **_readers(scene, file.path),
        "options": tuple(
            {"option": f"[{section}] {option}" if section else option, **row}
            for section, option, row in _rows(scene, name)
        ),
    }
    if schema := scene.schema(name):
        known = sum(len(schema.names(section)) for section in schema.sections)
        facts["upstream"] = f"{known} options of {scene.release.name} may stand in it"
    facts["whole_file"] = scene.typed("config show", name)
    return Thing(kind="file", name=name, summary=file.why, facts=facts)


def _section(scene: Scene, name: str, filed: Filed, section: str) -> Thing:
    rows = tuple({"option": o, **row} for s, o, row in _rows(scene, name) if s == section)
    schema = scene.schema(name)
    known = len(schema.names(section)) if schema else 0
    facts: dict[str, Fact] = {"path": filed.file.path, "options": rows}
    if known:
        facts["upstream"] = f"{known} options, of which gureum leaves the others at their default"
    return Thing(
        kind="section",
        name=f"{name} [{section}]",
        summary=f"a section of {filed.service}'s {name}",
        facts={**facts, **_readers(scene, filed.file.path)},
    )


def _text(scene: Scene, host: str, service: str, text: TextFile) -> Thing:
    facts: dict[str, Fact] = {
        "owner": f"{text.owner}:{text.group}, mode {text.mode:04o}",
        "service": service,
        "hosts": tuple(h for h, d in scene.declared(service) if host),
        **_readers(scene, text.path),
        "read_it": scene.typed("ssh", host, "cat", text.path),
    }
    what = "holds secrets" if text.hidden else f"{len(text.content.splitlines())} lines"
    return Thing(
        kind="file",
        name=text.path,
        summary=f"a file that gureum writes whole for {service}; {what}",
        why=text.why,
        facts=facts,
    )


def _readers(scene: Scene, path: str) -> dict[str, Fact]:
    readers = scene.readers(path)
    facts: dict[str, Fact] = {}
    if readers:
        facts["read_by"] = tuple(dict.fromkeys(r.unit for r in readers))
    if noticing := scene.noticing(path):
        facts["noticed_by"] = tuple(f"{unit}, without a restart" for unit in noticing)
    return facts


def _sections(scene: Scene) -> set[tuple[str, str]]:
    return {(file, section) for _, file, section, _, _ in scene.all_settings()}


def _rows(scene: Scene, name: str) -> Iterator[tuple[str, str, Row]]:
    """Yield section, option and what to show of it, the way the file itself is ordered."""
    found: dict[tuple[str, str], list[Setting]] = {}
    for _, file, section, option, setting in scene.all_settings():
        if file == name:
            found.setdefault((section, option), []).append(setting)
    for section, option in sorted(found, key=lambda one: (one[0] != "DEFAULT", *one)):
        settings = found[section, option]
        shown = dict.fromkeys(
            "***" if scene.hidden(name, section, option, s) else plain(s.value) for s in settings
        )
        yield section, option, {"value": " or ".join(shown), "why": settings[0].why}
