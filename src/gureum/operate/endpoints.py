"""`gureum endpoints`: who offers what at which address, and who may do what, from keystone itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gureum.model.load import LoadedCloud
from gureum.operate.api import as_admin
from gureum.operate.deployment import Deployment
from gureum.operate.known import known
from gureum.services.declaration import WebPage
from gureum.state.folder import CloudFolder

ORDER = ("public", "internal", "admin")


@dataclass(frozen=True, kw_only=True)
class CatalogueEndpoint:
    """An address of a service, for the public, for other services, or for administration."""

    interface: str
    url: str
    region: str
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class CatalogueService:
    """A service of the catalogue with its endpoints."""

    name: str
    type: str
    description: str
    enabled: bool
    endpoints: tuple[CatalogueEndpoint, ...]


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user, and whether the user may log in."""

    name: str
    domain: str
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A keystone role that somebody holds in a project, in a domain, or in the whole system."""

    holder: str
    holder_kind: str
    holder_domain: str
    keystone_role: str
    scope: str
    inherited: bool


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Services, endpoints, users, keystone roles and role assignments of a cloud (R-CRED-2).

    `pages` are what people open in a browser, which stands in no catalogue.
    """

    cloud: str
    services: tuple[CatalogueService, ...]
    users: tuple[Account, ...]
    keystone_roles: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    pages: tuple[WebPage, ...] = ()


def read_catalogue(loaded: LoadedCloud, folder: CloudFolder) -> Catalogue:
    """Return what keystone knows; raises GureumError where there is no cloud or it is silent."""
    silent = f"keystone of the cloud {folder.name!r} cannot be asked"
    with as_admin(loaded, folder, silent) as api:
        found = _read(folder.name, api.identity)
    return replace(found, pages=_pages(loaded, folder))


def _pages(loaded: LoadedCloud, folder: CloudFolder) -> tuple[WebPage, ...]:
    seen = known(Deployment(loaded, folder))
    if seen.seen is None:
        return ()
    hosts = seen.blueprint.hosts.values()
    return tuple(page for host in hosts for d in host.declarations for page in d.pages)


def _read(cloud: str, identity: Any) -> Catalogue:
    domains = {domain.id: str(domain.name) for domain in identity.domains()}
    users = list(identity.users())
    roles = {role.id: str(role.name) for role in identity.roles()}
    assignments = identity.role_assignments(include_names=True)
    return Catalogue(
        cloud=cloud,
        services=_services(identity.services(), identity.endpoints()),
        users=tuple(
            Account(
                name=str(user.name),
                domain=domains.get(user.domain_id, str(user.domain_id)),
                enabled=bool(user.is_enabled),
            )
            for user in sorted(users, key=lambda user: str(user.name))
        ),
        keystone_roles=tuple(sorted(roles.values())),
        assignments=tuple(
            sorted(
                map(_assignment, assignments), key=lambda a: (a.holder, a.scope, a.keystone_role)
            )
        ),
    )


def _services(services: Iterable[Any], endpoints: Iterable[Any]) -> tuple[CatalogueService, ...]:
    offered: dict[str, list[CatalogueEndpoint]] = {}
    for endpoint in endpoints:
        offered.setdefault(endpoint.service_id, []).append(
            CatalogueEndpoint(
                interface=str(endpoint.interface),
                url=str(endpoint.url),
                region=str(endpoint.region_id or ""),
                enabled=bool(endpoint.is_enabled),
            )
        )
    return tuple(
        CatalogueService(
            name=str(service.name or ""),
            type=str(service.type),
            description=str(service.description or ""),
            enabled=bool(service.is_enabled),
            endpoints=tuple(sorted(offered.get(service.id, []), key=_rank)),
        )
        for service in sorted(services, key=lambda service: str(service.type))
    )


def _rank(endpoint: CatalogueEndpoint) -> tuple[str, int]:
    known = endpoint.interface in ORDER
    return endpoint.region, ORDER.index(endpoint.interface) if known else len(ORDER)


def _assignment(found: Any) -> Assignment:
    kind = "user" if found.user else "group"
    holder = found.user or found.group or {}
    scope: Mapping[str, Any] = found.scope or {}
    return Assignment(
        holder=_name(holder),
        holder_kind=kind,
        holder_domain=_name(holder.get("domain") or {}),
        keystone_role=_name(found.role or {}),
        scope=_scope(scope),
        inherited="OS-INHERIT:inherited_to" in scope,
    )


def _scope(scope: Mapping[str, Any]) -> str:
    for kind in ("project", "domain"):
        if kind in scope:
            return f"{kind} {_name(scope[kind])}"
    return "system" if "system" in scope else "unknown"


def _name(thing: Mapping[str, Any]) -> str:
    return str(thing.get("name") or thing.get("id") or "")
