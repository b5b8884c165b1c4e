"""Services: what one is for, its units, files, ports, databases, users, and what it waits for."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from gureum.errors import InputError
from gureum.operate.explain.answer import Answer, Fact, Thing
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene
from gureum.services import CATALOGUE, LAST
from gureum.services.rabbitmq import queue_users


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the service of that name."""
    if asked.word in scene.services:
        yield _service(scene, asked.word)


def purpose(service: str) -> str:
    """Return what a service is for, in the words of its own module."""
    module = CATALOGUE[service].__module__ if service in CATALOGUE else LAST[service].__name__
    first = (sys.modules[module].__doc__ or "").strip().splitlines()[0]
    return re.sub(r"\s*\([^)]*R-[^)]*\)", "", first).partition(": ")[2].rstrip(".") or first


def _service(scene: Scene, name: str) -> Thing:
    declared = [d for _, d in scene.declared(name)]
    hosts = tuple(host for host, _ in scene.declared(name))
    units = {unit.name: unit for d in declared for unit in d.units}
    facts: dict[str, Fact] = {
        "version": _version(scene, name),
        "hosts": hosts,
        "units": tuple({"unit": n, "what": u.description} for n, u in units.items()),
        "endpoints": tuple({"type": e.type, "url": e.url} for d in declared for e in d.endpoints),
        "ports": tuple(
            {"port": f"{p.address}:{p.number}/{p.protocol}", "what": f"{p.unit}: {p.purpose}"}
            for d in declared
            for p in d.ports
        ),
        "config_files": tuple(
            {"file": f.path, "what": f.why} for d in declared[:1] for f in d.config_files
        ),
        "files": tuple({"file": f.path, "why": f.why} for d in declared[:1] for f in d.files),
        "options": _count(scene, name),
        "databases": tuple(dict.fromkeys(b.name for d in declared for b in d.databases)),
        "system_users": tuple(dict.fromkeys(u for d in declared for u in d.users)),
        "keystone_users": tuple(
            {"user": u.name, "roles": ", ".join(u.roles)}
            for d in declared
            for u in d.identity_users
        ),
        "queue_users": _queue(scene, name),
        "packages": tuple(dict.fromkeys(p for d in declared for p in d.packages)),
        "waits_for": _waits_for(scene, name),
        "how_it_runs": scene.typed("service show", name) if units else "",
    }
    return Thing(
        kind="service",
        name=name,
        summary=purpose(name),
        facts={key: fact for key, fact in facts.items() if fact},
    )


def _version(scene: Scene, name: str) -> str:
    try:
        return f"{scene.release.version(name)}, of OpenStack {scene.release.name}"
    except InputError:
        return ""


def _count(scene: Scene, name: str) -> str:
    files = [file for file, filed in scene.files.items() if filed.service == name]
    number = len({(f, s, o) for _, f, s, o, _ in scene.all_settings() if f in files})
    return f"{number} set in {', '.join(files)}" if number else ""


def _queue(scene: Scene, name: str) -> tuple[str, ...]:
    return tuple(u.name for u in queue_users(next(iter(scene.contexts.values()))) if u.name == name)


def _waits_for(scene: Scene, name: str) -> tuple[str, ...]:
    """Return the services whose steps have to be done before some step of this one."""
    steps = {step.key: step for step in scene.known.blueprint.steps}
    needed = {
        steps[key].service
        for step in steps.values()
        if step.service == name
        for key in step.needs
        if key in steps
    }
    return tuple(service for service in scene.services if service in needed - {name, "base"})
