"""keystone: who may do what, and where each service answers (R-SVC-1)."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.model.cloud import Role
from gureum.services import memcached
from gureum.services.context import Context, options_in
from gureum.services.credentials import database, database_url, schema
from gureum.services.declaration import Declaration, Endpoint, Port, Task
from gureum.services.log_lines import log_options
from gureum.services.policy import policy_file, policy_option, policy_path
from gureum.services.wsgi import api_unit
from gureum.steps.notice import EVERY
from gureum.steps.states import CommandDone

_CONF = "/etc/keystone/keystone.conf"


def declare(c: Context) -> Declaration | None:
    """Declare keystone for a controller."""
    if not c.has(Role.CONTROLLER):
        return None
    unit, wsgi_files, proxied = api_unit(
        c,
        name="keystone-api",
        service="keystone",
        module="keystone.wsgi.api:application",
        port=5000,
        description="OpenStack identity API: users, tokens, the catalogue",
        says="logins wait, and requests to any API with a token that it did not see lately",
        seconds=3,
        apis=(EVERY,),
        reads=(_CONF,),
        rereads=(policy_path("keystone"),),
        needs=("keystone.schema", *_KEYS, "memcached.unit.memcached"),
        # keystone keeps the token of the request in its middleware, which all threads share: under
        # load a request is judged by the token of another (AuthContextMiddleware.token).
        threads=1,
        warm_up=_WARM_UP,
    )
    return Declaration(
        service="keystone",
        users={"keystone": ("/var/lib/keystone", ())},
        directories={
            "/etc/keystone": ("root", "keystone", 0o750),
            "/etc/keystone/fernet-keys": ("keystone", "keystone", 0o700),
            "/etc/keystone/credential-keys": ("keystone", "keystone", 0o700),
            "/var/lib/keystone": ("keystone", "keystone", 0o750),
            "/var/log/keystone": ("keystone", "keystone", 0o750),
        },
        config_files=(
            ConfigFile(
                name="keystone.conf",
                path=_CONF,
                group="keystone",
                schema="keystone",
                why="where keystone keeps users and keys, and how it makes and remembers tokens",
            ),
        ),
        options=tuple(_options(c)),
        files=(*wsgi_files, policy_file(c, "keystone")),
        units=(unit,),
        databases=(database(c, "keystone", "keystone"),),
        schema=schema(
            c, (c.bin("keystone-manage"), "db_sync"), {"OS_DATABASE__CONNECTION": "keystone"}
        ),
        endpoints=(
            Endpoint(
                name="keystone", type="identity", description="Identity", url=c.api(5000, "/v3")
            ),
        ),
        ports=(Port(number=5000, address="127.0.0.1", unit="keystone-api", purpose="backend"),),
        proxied=(proxied,),
        tasks=(*_keys(c), _bootstrap(c)),
    )


# keystone makes its policy enforcer during the first request that asks for it, without a lock.
_WARM_UP = """\
from keystone.common.rbac_enforcer.enforcer import RBACEnforcer
RBACEnforcer.suppress_deprecation_warnings = True
RBACEnforcer()._enforcer
"""
_KEYS = tuple(f"keystone.{kind}_key_{n}" for kind in ("fernet", "credential") for n in (0, 1))


def _keys(c: Context) -> Iterator[Task]:
    for kind in ("fernet", "credential"):
        for number in (0, 1):
            path = f"/etc/keystone/{kind}-keys/{number}"
            key = c.secrets.keep(f"keystone.{kind}.{number}", _fernet_key)
            yield Task(
                id=f"keystone.{kind}_key_{number}",
                state=CommandDone(
                    check=("test", "-e", path), command=_install("keystone", path), stdin=key
                ),
                why=_KEY_REASONS[kind, number],
                needs=("keystone.directories",),
            )


_KEY_REASONS = {
    (
        "fernet",
        0,
    ): "the next rotation takes this key for new tokens; all controllers know it before",
    ("fernet", 1): "new tokens are encrypted with this key, so every controller has the same one",
    ("credential", 0): "the next rotation takes this key for credentials; all controllers know it",
    (
        "credential",
        1,
    ): "stored credentials are encrypted with this key, the same on each controller",
}
"""keystone numbers its keys: 0 is the one to come, the highest the one in use."""


def _install(user: str, path: str) -> tuple[str, ...]:
    return ("install", "-m", "0600", "-o", user, "-g", user, "/dev/stdin", path)


def _fernet_key() -> str:
    import base64
    import secrets

    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _bootstrap(c: Context) -> Task:
    url = c.api(5000, "/v3")
    return Task(
        id="keystone.bootstrap",
        state=CommandDone(
            check=(
                "mariadb",
                "--batch",
                "--skip-column-names",
                "--execute",
                "SELECT CONCAT('endpoints ', COUNT(*)) FROM keystone.endpoint e "
                "JOIN keystone.service s ON s.id = e.service_id WHERE s.type = 'identity'",
            ),
            want="endpoints 3",
            command=(
                c.bin("keystone-manage"),
                "bootstrap",
                *("--bootstrap-region-id", c.cloud.region),
                *("--bootstrap-public-url", url),
                *("--bootstrap-internal-url", url),
                *("--bootstrap-admin-url", url),
            ),
            user="keystone",
            environment={"OS_BOOTSTRAP_PASSWORD": c.secrets.password("keystone.admin")},
        ),
        why="the first administrator and keystone's own endpoints; no bypass token is ever made",
        needs=("keystone.schema", *_KEYS),
    )


def _options(c: Context) -> Iterator[Option]:
    conf = options_in("keystone.conf", "keystone")
    yield from log_options(c, "keystone.conf", "keystone")
    yield policy_option("keystone.conf", "keystone")
    yield conf(
        "DEFAULT",
        "public_endpoint",
        c.api(5000),
        "links in answers lead to the address with TLS, not to the backend behind HAProxy",
    )
    yield conf(
        "database",
        "connection",
        database_url(c, "keystone", "keystone"),
        "users, projects, keystone roles and the catalogue lie in MariaDB, never in SQLite",
    )
    yield conf(
        "identity",
        "max_password_length",
        72,
        "bcrypt reads no more; told so, keystone warns of passwords that it cuts off and not at "
        "every login",
    )
    yield conf(
        "cache",
        "enabled",
        True,
        "every call of every service validates a token: mostly without the database",
    )
    yield conf(
        "cache",
        "backend",
        "oslo_cache.memcache_pool",
        "a cache that restarts or is gone costs time and nothing else; with dogpile's pymemcache "
        "every login fails until a minute after it is back",
    )
    yield conf(
        "cache",
        "memcache_servers",
        memcached.servers(c),
        "keystones of all controllers share one cache, so none goes on with what another changed",
    )
    yield conf(
        "token", "provider", "fernet", "tokens need no table, so any controller validates them"
    )
    yield conf(
        "fernet_tokens",
        "key_repository",
        "/etc/keystone/fernet-keys",
        "the keys that tokens are made and read with lie beside the configuration and are backed up "
        "with it",
    )
    yield conf(
        "credential",
        "key_repository",
        "/etc/keystone/credential-keys",
        "stored credentials (EC2, TOTP) stay readable when the keys of tokens are changed",
    )
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy ends TLS and says so in a header; without it links in answers would begin with http",
    )
