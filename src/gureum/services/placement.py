"""placement: what each compute host has to give, and who has taken how much (R-SVC-3)."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.model.cloud import Role
from gureum.services.context import Context, options_in
from gureum.services.credentials import (
    database,
    database_url,
    identity_user,
    schema,
    token_options,
)
from gureum.services.declaration import Declaration, Endpoint, Port
from gureum.services.log_lines import log_options
from gureum.services.policy import policy_file, policy_option, policy_path
from gureum.services.wsgi import api_unit

_CONF = "/etc/placement/placement.conf"


def declare(c: Context) -> Declaration | None:
    """Declare placement for a controller."""
    if not c.has(Role.CONTROLLER):
        return None
    unit, wsgi_files, proxied = api_unit(
        c,
        name="placement-api",
        service="placement",
        module="placement.wsgi.api:application",
        port=8778,
        description="OpenStack placement API: what each host has to give",
        says="new VMs wait to be placed",
        seconds=2,
        reads=(_CONF,),
        rereads=(policy_path("placement"),),
        needs=("placement.schema",),
    )
    return Declaration(
        service="placement",
        users={"placement": ("/var/lib/placement", ())},
        directories={
            "/etc/placement": ("root", "placement", 0o750),
            "/var/lib/placement": ("placement", "placement", 0o750),
            "/var/log/placement": ("placement", "placement", 0o750),
        },
        config_files=(
            ConfigFile(
                name="placement.conf",
                path=_CONF,
                group="placement",
                schema="placement",
                why="where placement keeps its inventories, and whose tokens it believes",
            ),
        ),
        options=tuple(_options(c)),
        files=(*wsgi_files, policy_file(c, "placement")),
        units=(unit,),
        databases=(database(c, "placement", "placement"),),
        schema=schema(
            c,
            (c.bin("placement-manage"), "db", "sync"),
            {"OS_PLACEMENT_DATABASE__CONNECTION": "placement"},
        ),
        identity_users=(identity_user(c, "placement"),),
        endpoints=(
            Endpoint(
                name="placement",
                type="placement",
                description="Resource providers and allocations",
                url=c.api(8778),
            ),
        ),
        ports=(Port(number=8778, address="127.0.0.1", unit="placement-api", purpose="backend"),),
        proxied=(proxied,),
    )


def _options(c: Context) -> Iterator[Option]:
    conf = options_in("placement.conf", "placement")
    yield from log_options(c, "placement.conf", "placement")
    yield policy_option("placement.conf", "placement")
    yield from token_options(c, "placement.conf", "placement")
    yield conf(
        "placement_database",
        "connection",
        database_url(c, "placement", "placement"),
        "what hosts have to give, and who has claimed how much of it, lies in MariaDB",
    )
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy ends TLS and says so in a header; without it links in answers would begin with http",
    )
