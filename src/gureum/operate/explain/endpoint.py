"""Endpoints of the catalogue: what a request to one passes through until a unit answers it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from gureum.operate.explain.answer import Answer, Fact, Thing
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene
from gureum.services.context import CA_FILE
from gureum.services.declaration import Declaration, Endpoint


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the endpoint of that type, name or URL."""
    seen = set()
    for host, d in scene.declared():
        for endpoint in d.endpoints:
            if endpoint.type not in seen and _meant(asked.word, endpoint):
                seen.add(endpoint.type)
                yield _endpoint(scene, host, d, endpoint)


def _meant(word: str, endpoint: Endpoint) -> bool:
    if "://" not in word:
        return bool(word) and word in (endpoint.type, urlsplit(endpoint.url).netloc)
    ours = urlsplit(endpoint.url)
    theirs = urlsplit(word)
    return theirs.netloc == ours.netloc


def _endpoint(scene: Scene, host: str, d: Declaration, endpoint: Endpoint) -> Thing:
    number = urlsplit(endpoint.url).port
    context = scene.known.blueprint.contexts[host]
    proxied = next((p for p in d.proxied if p.port == number), None)
    unit = next((u for u in d.units if proxied and u.name == proxied.name), None)
    facts: dict[str, Fact] = {
        "url": endpoint.url,
        "service": endpoint.name,
        "region": scene.cloud.region,
        "interfaces": "public, internal and admin alike: one address with TLS serves all three",
        "addressed_by": f"{scene.cloud.endpoints.by} ({_place(scene)})",
        "certificate": f"issued by the cloud's own authority; clients verify it with {CA_FILE}",
    }
    if proxied and unit:
        facts["way_of_a_request"] = (
            {"at": f"{context.address}:{number}", "who": "haproxy ends TLS"},
            {
                "at": f"{proxied.backend[0]}:{proxied.backend[1]}",
                "who": f"{unit.name} answers, as the user {unit.user}",
            },
        )
    facts["check"] = scene.typed("openstack", "catalog", "show", endpoint.type)
    return Thing(
        kind="endpoint",
        name=endpoint.type,
        summary=f"{endpoint.description}: the endpoint of {endpoint.name}",
        why="a client asks keystone's catalogue for this type and is sent to the URL",
        facts=facts,
    )


def _place(scene: Scene) -> str:
    source = scene.known.deployment.loaded.locate(("endpoints", "by"))
    return f"endpoints.by, {source}" if source.line else "endpoints.by is left at its default"
