"""Units: what one does, as whom, what it reads and therefore restarts for, what it waits for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gureum.operate.explain.answer import Answer, Fact, Row, Thing
from gureum.operate.explain.file import texts
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene, paths_read
from gureum.services.declaration import Unit
from gureum.services.systemd import file_name, unit_file


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the unit of that name, with or without `.service`."""
    found: dict[str, list[tuple[str, str, Unit]]] = {}
    for host, service, unit in scene.units():
        if asked.word in (unit.name, file_name(unit)):
            found.setdefault(unit.name, []).append((host, service, unit))
    for entries in found.values():
        yield _unit(scene, entries)


def _unit(scene: Scene, entries: list[tuple[str, str, Unit]]) -> Thing:
    host, service, unit = entries[0]
    own = unit_file(unit)
    facts: dict[str, Fact] = {
        "hosts": tuple(host for host, _, _ in entries),
        "service": service,
        "user": unit.user,
        "comes_from": "the distribution, with a drop-in of gureum"
        if unit.shipped and own
        else ("the distribution" if unit.shipped else "gureum"),
        "command": shlex.join(unit.command),
        "ports": tuple(
            {"port": f"{p.address}:{p.number}/{p.protocol}", "what": p.purpose}
            for on, d in scene.declared(service)
            for p in d.ports
            if p.unit == unit.name and on == host
        ),
        "restarts_for": _reads(scene, unit),
        "waits_for": _waits(scene, host, service, unit),
        "ready_when": _ready(unit),
        "confined": _confined(unit),
        "log_file": unit.log_file,
        "logs": scene.typed("logs", "--host", host, unit.name),
        "how_it_runs": scene.typed("service show", unit.name),
    }
    return Thing(
        kind="unit",
        name=unit.name,
        summary=unit.description,
        why=own.why if unit.shipped and own else "",
        facts={key: fact for key, fact in facts.items() if fact},
    )


def _reads(scene: Scene, unit: Unit) -> tuple[Row, ...]:
    whys = {path: text.why for path, (_, _, text) in texts(scene).items()}
    whys |= {filed.file.path: filed.file.why for filed in scene.files.values()}
    rows: list[Row] = [{"file": p, "why": whys.get(p, "")} for p in paths_read(unit)]
    if not unit.shipped:
        venv = scene.release.venv
        rows.append({"file": venv, "why": f"the programs of OpenStack {scene.release.name}"})
    return tuple(rows)


def _waits(scene: Scene, host: str, service: str, unit: Unit) -> tuple[str, ...]:
    key = f"{host}/{service}.unit.{unit.name}"
    step = next((s for s in scene.known.blueprint.steps if s.key == key), None)
    if step is None:
        return ()
    others = sorted(n.removeprefix(f"{host}/") for n in step.needs - step.watches)
    return tuple(n for n in others if not n.startswith("base.") and not n.endswith(".directories"))


def _ready(unit: Unit) -> str:
    if unit.ready_url:
        return f"it answers at {unit.ready_url}"
    if unit.ready_port:
        return f"it listens on {unit.ready_port[0]}:{unit.ready_port[1]}"
    return ""


def _confined(unit: Unit) -> str:
    if unit.shipped:
        return ""
    if unit.escalates:
        return "starts single helpers as root through sudo, so it may gain rights in that way alone"
    return "may not gain rights, sees no home folders, writes only to " + ", ".join(unit.writes)
