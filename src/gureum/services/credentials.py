"""How a service proves to another who it is: the keystoneauth options, said in one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gureum.config.setting import Option
from gureum.services import memcached
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.declaration import Database, IdentityUser, Schema
from gureum.state.secrets import Secret


def identity_user(c: Context, service: str, *, admin: bool = False) -> IdentityUser:
    """Return the service's own user in keystone."""
    roles = ("service", "admin") if admin else ("service",)
    return IdentityUser(name=service, password=c.secrets.password(f"{service}.user"), roles=roles)


def auth_options(
    c: Context, file: str, service: str, section: str, why: str, *, region: bool = True
) -> Iterator[Option]:
    """Yield the options by which `service` logs in to keystone in `section`, for the reason `why`."""
    conf = options_in(file, service)
    yield conf(section, "auth_type", "password", f"{why}: with a password of its own")
    yield conf(section, "auth_url", c.api(5000), f"{why}: keystone answers there")
    yield conf(section, "username", service, f"{why}: as the user {service}")
    yield conf(
        section,
        "password",
        c.secrets.password(f"{service}.user"),
        f"{why}: generated, never reused",
    )
    yield conf(section, "project_name", "service", f"{why}: in the project of all services")
    yield conf(section, "user_domain_id", "default", f"{why}: the user's domain")
    yield conf(section, "project_domain_id", "default", f"{why}: the project's domain")
    yield conf(section, "cafile", CA_FILE, f"{why}: TLS is verified against the cloud's own CA")
    if region:
        yield conf(section, "region_name", c.cloud.region, f"{why}: the region's endpoints")


def token_options(c: Context, file: str, service: str) -> Iterator[Option]:
    """Yield the options by which `service` validates the tokens of its callers."""
    conf = options_in(file, service)
    section = "keystone_authtoken"
    yield from auth_options(
        c, file, service, section, f"{service} validates its callers' tokens", region=False
    )
    yield conf(
        section, "www_authenticate_uri", c.api(5000), "a caller without a token is sent there"
    )
    yield conf(
        section,
        "memcached_servers",
        memcached.servers(c),
        "a token is validated once and remembered, else every call would ask keystone",
    )
    yield conf(
        section,
        "service_token_roles_required",
        True,
        "an expired user token is let through only beside the token of a real service",
    )
    yield conf(
        section, "service_token_roles", "service", "the keystone role that real services have"
    )
    yield conf(
        section, "region_name", c.cloud.region, "token validation stays within its own region"
    )


def database(c: Context, name: str, service: str) -> Database:
    """Return a database of `service`; databases of one service share its user and password."""
    return Database(name=name, user=service, password=c.secrets.password(f"{service}.database"))


def schema(
    c: Context,
    command: tuple[str, ...],
    connections: Mapping[str, str],
    *,
    others: tuple[str, ...] = (),
    rehearsal: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Schema:
    """Return the schema of the databases in `connections` and `others`, which `command` makes.

    `connections` maps environment variables to the databases whose URL they would carry.
    """
    names = (*connections.values(), *others)
    return Schema(
        heads={name: c.release.heads(name) for name in names},
        commands=(command,),
        needs=needs,
        rehearsal=rehearsal or command,
        connections=connections,
    )


def database_url(c: Context, name: str, service: str) -> Secret:
    """Return the SQLAlchemy URL of a database."""
    password = c.secrets.password(f"{service}.database").reveal()
    host = c.controller_address
    return Secret(f"mysql+pymysql://{service}:{password}@{host}/{name}?charset=utf8")


def log_options(c: Context, file: str, service: str) -> Iterator[Option]:
    """Yield what every service logs and where to (R-CONF-7)."""
    conf = options_in(file, service)
    yield conf(
        "DEFAULT",
        "use_stderr",
        True,
        "the journal gets every line as well, beside the unit's own log file",
    )
    if c.debug(service):
        yield conf("DEFAULT", "debug", True, "the operator wants debug messages (logging)")
    if c.cloud.logging.syslog:
        yield conf("DEFAULT", "use_syslog", True, "the operator wants syslog too (logging.syslog)")
