"""Services, endpoints, users and keystone roles as text, in one view."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.endpoints import Account, Assignment, Catalogue, CatalogueService
from gureum.views.data import Line
from gureum.views.table import columns


def lines(catalogue: Catalogue) -> Iterator[Line]:
    """Yield what there is to reach, then who there is, then who may do what."""
    rows = [row for service in catalogue.services for row in _service(service)]
    yield from _table(["service", "type", "for", "region", "URL"], rows)
    if catalogue.pages:
        yield "", ""
        yield from _table(["page", "URL"], [[page.name, page.url] for page in catalogue.pages])
    yield "", ""
    yield from _table(
        ["user", "domain", "enabled", "keystone roles"],
        [
            [user.name, user.domain, "yes" if user.enabled else "no", _held(catalogue, user)]
            for user in catalogue.users
        ],
    )
    groups = [a for a in catalogue.assignments if a.holder_kind == "group"]
    for group in dict.fromkeys((a.holder, a.holder_domain) for a in groups):
        held = [a for a in groups if (a.holder, a.holder_domain) == group]
        yield f"group {group[0]} of {group[1]}: {_roles(held)}", ""
    yield "", ""
    yield f"keystone roles: {', '.join(catalogue.keystone_roles)}", ""


def _table(head: list[str], rows: list[list[str]]) -> Iterator[Line]:
    first, *others = columns([head, *rows])
    yield first, "bold"
    yield from ((text, "") for text in others)


def _service(service: CatalogueService) -> Iterator[list[str]]:
    """Yield a row for each distinct URL: one address usually serves all three interfaces."""
    merged: dict[tuple[str, str], list[str]] = {}
    for endpoint in service.endpoints:
        off = "" if endpoint.enabled else " (disabled)"
        key = (endpoint.region, endpoint.url)
        merged.setdefault(key, []).append(endpoint.interface + off)
    name = service.name + ("" if service.enabled else " (disabled)")
    if not merged:
        yield [name, service.type, "nobody", "", "no endpoint"]
    for (region, url), interfaces in merged.items():
        yield [name, service.type, " ".join(interfaces), region, url]
        name = ""


def _held(catalogue: Catalogue, user: Account) -> str:
    held = [
        a
        for a in catalogue.assignments
        if a.holder_kind == "user" and (a.holder, a.holder_domain) == (user.name, user.domain)
    ]
    return _roles(held)


def _roles(held: list[Assignment]) -> str:
    by_scope: dict[str, list[str]] = {}
    for one in held:
        scope = "the whole system" if one.scope == "system" else one.scope
        below = " and below" if one.inherited else ""
        by_scope.setdefault(scope + below, []).append(one.keystone_role)
    words = [f"{', '.join(roles)} in {scope}" for scope, roles in by_scope.items()]
    return "; ".join(words) or "none"
