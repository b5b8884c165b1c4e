"""Services, endpoints, users and keystone roles in one view."""

from __future__ import annotations

from gureum.operate.endpoints import (
    Account,
    Assignment,
    Catalogue,
    CatalogueEndpoint,
    CatalogueService,
)
from gureum.views import endpoints_text


def endpoint(interface: str, url: str = "https://192.0.2.1:9292") -> CatalogueEndpoint:
    return CatalogueEndpoint(interface=interface, url=url, region="RegionOne", enabled=True)


def service(name: str, *endpoints: CatalogueEndpoint) -> CatalogueService:
    return CatalogueService(
        name=name, type="image", description="", enabled=True, endpoints=endpoints
    )


def assigned(role: str, scope: str, holder: str = "ann", kind: str = "user") -> Assignment:
    return Assignment(
        holder=holder, holder_kind=kind, holder_domain="Default", keystone_role=role, scope=scope,
        inherited=scope.startswith("domain"),
    )  # fmt: skip


CATALOGUE = Catalogue(
    cloud="cloud",
    services=(
        service("glance", endpoint("public"), endpoint("internal"), endpoint("admin", "https://a")),
        service("lonely"),
    ),
    users=(
        Account(name="ann", domain="Default", enabled=True),
        Account(name="bob", domain="Default", enabled=False),
    ),
    keystone_roles=("admin", "reader"),
    assignments=(
        assigned("admin", "project p"),
        assigned("reader", "project p"),
        assigned("admin", "system"),
        assigned("reader", "domain Default", "crew", "group"),
    ),
)


def test_everything_is_in_one_view() -> None:
    """R-CRED-2: endpoints, services, keystone roles and role assignments."""
    shown = [line for line, _ in endpoints_text.lines(CATALOGUE)]
    assert shown == [
        "service  type   for              region     URL",
        "glance   image  public internal  RegionOne  https://192.0.2.1:9292",
        "         image  admin            RegionOne  https://a",
        "lonely   image  nobody                      no endpoint",
        "",
        "user  domain   enabled  keystone roles",
        "ann   Default  yes      admin, reader in project p; admin in the whole system",
        "bob   Default  no       none",
        "group crew of Default: reader in domain Default and below",
        "",
        "keystone roles: admin, reader",
    ]
