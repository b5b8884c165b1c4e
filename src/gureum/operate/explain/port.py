"""Port numbers: who listens there, on which address, what for; what else was seen to listen."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.explain.answer import Answer, Fact, Row, Thing
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the port of that number, where anything of the cloud has to do with it."""
    number = asked.word.removeprefix(":").rpartition(":")[2]
    address = asked.word.rpartition(":")[0]
    if not number.isdigit() or "://" in asked.word:
        return
    rows = [
        {
            "address": f"{port.address}:{port.number}/{port.protocol}",
            "host": host,
            "unit": port.unit,
            "what": port.purpose,
        }
        for host, d in scene.declared()
        for port in d.ports
        if port.number == int(number) and address in ("", port.address)
    ]
    if rows:
        yield Thing(
            kind="port",
            name=number,
            summary=_summary(scene, int(number)),
            facts={"listeners": tuple(rows), **_used_by(scene, number)},
        )
    elif seen := _seen(scene, int(number)):
        yield Thing(
            kind="port",
            name=number,
            summary="no service of the cloud: something else listened when the hosts were last seen",
            facts={"listeners": seen},
        )


def _summary(scene: Scene, number: int) -> str:
    for _, d in scene.declared():
        for proxied in d.proxied:
            if proxied.port == number:
                return (
                    f"{proxied.name}: HAProxy takes requests with TLS on the management address and "
                    "passes them on to the unit, which listens to this host alone"
                )
    for _, d in scene.declared():
        for port in d.ports:
            if port.number == number:
                return f"{port.purpose} of {d.service}"
    return ""


def _used_by(scene: Scene, number: str) -> dict[str, Fact]:
    from gureum.config.text import plain

    found = [
        f"{file} [{section}] {name}" if section else f"{file} {name}"
        for _, file, section, name, setting in scene.all_settings()
        if f":{number}" in plain(setting.value)
    ]
    return {"options_that_lead_here": tuple(dict.fromkeys(found))} if found else {}


def _seen(scene: Scene, number: int) -> tuple[Row, ...]:
    return tuple(
        {
            "address": f"{listener['address']}:{number}/{listener.get('protocol', 'tcp')}",
            "host": host,
            "unit": str(listener.get("unit") or ""),
            "what": str(listener.get("process") or ""),
        }
        for host, facts in scene.known.facts.items()
        for listener in facts.get("ports", ())
        if listener["port"] == number
    )
