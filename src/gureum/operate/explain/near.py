"""What a misspelt question may have meant, the nearest as the command that answers it."""

from __future__ import annotations

from gureum.diagnostics import nearest
from gureum.errors import InputError
from gureum.operate.explain.option import locate
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene
from gureum.steps.network import OvsConfigured


def refusal(asked: Question, scene: Scene) -> InputError:
    """Return the error that names what is near to what was asked for."""
    near = _near(asked, scene)
    if near:
        first = scene.typed("explain", *near[0])
        others = [" ".join(words) for words in near[1:]]
        detail = f"also near: {', '.join(others)}" if others else ""
    else:
        first, detail = scene.typed("explain", scene.services[-1]), _what_there_is(scene)
    error = InputError(f"nothing here is called {asked.text!r}", [], hint=first)
    error.detail = detail
    return error


def _near(asked: Question, scene: Scene) -> list[tuple[str, ...]]:
    if len(asked.parts) > 1:
        return _near_option(asked, scene)
    word = asked.word.lower().replace("-", "_") if asked.word else ""
    names = [*things(scene), *option_names(scene)]
    found = nearest(asked.word, names) or nearest(word, names)
    parts = [name for name in option_names(scene) if word and len(word) > 3 and word in name]
    return [(name,) for name in dict.fromkeys((*found, *parts[:4]))]


def _near_option(asked: Question, scene: Scene) -> list[tuple[str, ...]]:
    """Return options of the nearest name, in the place that was named as far as it is known."""
    *given, name = asked.parts
    files = {alias: file for file, f in scene.files.items() for alias in (file, f.file.path)}
    files |= {f.service: file for file, f in reversed(scene.files.items())}
    places = []
    for word in given:
        near = nearest(word, [*files, *_sections(scene)], limit=1)
        places.append(near[0] if near else word)
    found: dict[tuple[str, ...], None] = {}
    for spelt in (name, *nearest(name, option_names(scene))):
        for where in (places, places[:1], places[-1:], []):
            for place in locate((*where, spelt.replace("-", "_")), scene)[:3]:
                found.setdefault((place.file, *([place.section] * bool(place.section)), place.name))
            if found:
                break
    return list(found)[:4]


def things(scene: Scene) -> list[str]:
    """Return the names of everything but options."""
    units = [unit.name for _, _, unit in scene.units()]
    types = [e.type for _, d in scene.declared() for e in d.endpoints]
    users = [user for _, d in scene.declared() for user in d.users]
    bridges = [
        bridge
        for _, d in scene.declared("openvswitch")
        for task in d.tasks
        if isinstance(task.state, OvsConfigured)
        for bridge in task.state.bridges
    ]
    networks = ["management", "tunnel", "provider", *bridges]
    known = (*scene.services, *scene.files, *units, *types, *users, *networks, *scene.hosts)
    return list(dict.fromkeys(known))


def option_names(scene: Scene) -> list[str]:
    """Return the names of all options that any file may hold."""
    found = {name for _, _, _, name, _ in scene.all_settings()}
    for file in scene.files:
        if schema := scene.schema(file):
            found.update(name for section in schema.sections for name in schema.names(section))
    return sorted(found)


def _sections(scene: Scene) -> list[str]:
    schemas = [schema for file in scene.files if (schema := scene.schema(file))]
    return sorted({section for schema in schemas for section in schema.sections})


def _what_there_is(scene: Scene) -> str:
    return (
        "an option, a file, a section, a service, an endpoint, a unit, a port, a network, a user\n"
        "or a host can be explained; the services are\n" + ", ".join(scene.services)
    )
