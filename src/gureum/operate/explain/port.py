"""Port numbers: who listens there, what for, who may come from outside; what else was seen to listen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gureum.operate.explain.answer import Answer, Fact, Row, Thing
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene
from gureum.services.firewall_rules import Rule, rules_of, who


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the port of that number, where anything of the cloud has to do with it.

    `port 5900` asks for it also where nothing has.
    """
    named = asked.words[:1] == ("port",) and len(asked.words) == 2
    word = asked.words[1] if named else asked.word
    number = word.removeprefix(":").rpartition(":")[2]
    address = word.rpartition(":")[0]
    if not number.isdigit() or "://" in word:
        return
    rows = tuple(
        {
            "address": f"{port.address}:{port.number}/{port.protocol}",
            "host": host,
            "unit": port.unit,
            "what": port.purpose,
        }
        for host, d in scene.declared()
        for port in d.ports
        if port.number == int(number) and address in ("", port.address)
    )
    rules = _rules(scene, int(number))
    opened = [rule for found in rules.values() for rule in found]
    seen = () if rows else _seen(scene, int(number))
    if not (rows or seen or opened or named):
        return
    other = "no service of the cloud: something else listened when the hosts were last seen"
    nothing = opened[0].purpose if opened else "nothing of the cloud listens there"
    facts: dict[str, Fact] = {
        "listeners": rows or seen,
        "who_may_come": () if address or not scene.known.seen else _let_in(scene, rules),
        "rules": tuple(dict.fromkeys(rule.text for rule in opened)),
        **(_used_by(scene, number) if rows else {}),
    }
    yield Thing(
        kind="port",
        name=number,
        summary=_summary(scene, int(number))
        if rows
        else (other if seen and not opened else nothing),
        facts={key: fact for key, fact in facts.items() if fact},
    )


def _rules(scene: Scene, number: int) -> dict[str, list[Rule]]:
    """Return the firewall's rules about a port by host."""
    return {
        host: [
            rule
            for rule in rules_of(scene.contexts[host], blueprint.declarations)
            if rule.first <= number <= rule.last
        ]
        for host, blueprint in scene.hosts.items()
    }


def _let_in(scene: Scene, rules: Mapping[str, Sequence[Rule]]) -> tuple[Row, ...]:
    """Return who may come to a port from outside of each host, and why."""
    if not scene.cloud.firewall.enabled:
        off = "cloud.yaml: firewall.enabled is false, so gureum keeps nobody out"
        return tuple({"host": host, "who": "everyone", "why": off} for host in rules)
    closed = "nothing on this host is for others there; firewall.allow in cloud.yaml would open it"
    found = []
    for host, matching in rules.items():
        c = scene.contexts[host]
        rows = [
            {
                "host": host,
                "who": rule.source or who(c, rule.open_to),
                "why": f"{rule.service}: {rule.purpose}",
            }
            for rule in matching
        ]
        found += rows or [{"host": host, "who": "nobody", "why": closed}]
    return tuple(found)


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
