"""Endpoints and configuration by address or by name: one switch (R-CONF-4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gureum.model.cloud import Endpoints
from gureum.plan.build import HostBlueprint, build
from gureum.services.context import Context
from gureum.state.secrets import Secret
from gureum.steps.names import NamesKnown

ADDRESS = "10.0.0.10"


def _named(context: Context, name: str | None) -> HostBlueprint:
    cloud = context.cloud.model_copy(update={"endpoints": Endpoints(by="name", name=name)})
    return build(replace(context, cloud=cloud))


def _values(blueprint: HostBlueprint) -> dict[tuple[str, str, str], str]:
    found = {}
    for file, sections in blueprint.tree.files.items():
        for section, options in sections.items():
            for option, setting in options.items():
                value = setting.value
                text = value.reveal() if isinstance(value, Secret) else str(value)
                found[file, section, option] = text
    # Whose pages may ask is told by every name and address that a browser could know them by.
    del found["glance-api.conf", "cors", "allowed_origin"]
    return found


def test_by_address_no_option_has_a_name(context: Context) -> None:
    values = _values(build(context))
    assert not [key for key, text in values.items() if "//one" in text or "@one" in text]
    assert any(f"https://{ADDRESS}:5000" in text for text in values.values())


@pytest.mark.parametrize(
    ("given", "api"), [(None, "one"), ("api.cloud.example", "api.cloud.example")]
)
def test_by_name_urls_have_names_and_every_host_knows_them(
    context: Context, given: str | None, api: str
) -> None:
    blueprint = _named(context, given)
    values = _values(blueprint)
    assert (
        f"https://{api}:5000" in values["nova.conf", "keystone_authtoken", "www_authenticate_uri"]
    )
    assert "@one:5672/" in values["nova.conf", "DEFAULT", "transport_url"]
    assert "@one/nova" in values["nova-database.conf", "database", "connection"]
    assert "one:11211" in values["nova.conf", "keystone_authtoken", "memcached_servers"]
    left = {key for key, text in values.items() if f"//{ADDRESS}" in text or f"@{ADDRESS}" in text}
    assert left == set()
    urls = [e.url for d in blueprint.declarations for e in d.endpoints]
    assert urls
    assert all(url.startswith(f"https://{api}:") for url in urls)
    known = next(s.state for s in blueprint.steps if s.id == "base.names")
    assert isinstance(known, NamesKnown)
    assert dict(known.names) == {"one": ADDRESS, api: ADDRESS}
