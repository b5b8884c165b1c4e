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
    yield conf(
        section,
        "auth_type",
        "password",
        f"{why}: with a user name and a password, which keystone checks by itself",
    )
    yield conf(
        section, "auth_url", c.api(5000), f"{why}: keystone answers there with TLS, behind HAProxy"
    )
    yield conf(
        section,
        "username",
        service,
        f"{why}: as a user of its own, whose rights and traces in logs are no other service's",
    )
    yield conf(
        section,
        "password",
        c.secrets.password(f"{service}.user"),
        f"{why}: generated for this cloud, and the same that its user was given in keystone",
    )
    yield conf(
        section,
        "project_name",
        "service",
        f"{why}: its user holds keystone roles in the project that all services share",
    )
    yield conf(
        section,
        "user_domain_id",
        "default",
        f"{why}: users of services lie in keystone's first domain, for a name alone may stand twice",
    )
    yield conf(
        section,
        "project_domain_id",
        "default",
        f"{why}: the project of all services lies in keystone's first domain",
    )
    yield conf(
        section,
        "cafile",
        CA_FILE,
        f"{why}: the API's certificate comes from the cloud's own authority, which no system knows",
    )
    if region:
        yield conf(
            section,
            "region_name",
            c.cloud.region,
            f"{why}: of a catalogue with several regions it takes the addresses of its own",
        )


def token_options(c: Context, file: str, service: str) -> Iterator[Option]:
    """Yield the options by which `service` validates the tokens of its callers."""
    conf = options_in(file, service)
    section = "keystone_authtoken"
    yield from auth_options(
        c, file, service, section, f"{service} validates its callers' tokens", region=False
    )
    yield conf(
        section,
        "www_authenticate_uri",
        c.api(5000),
        "a caller without a token is told with the refusal (401) where to get one",
    )
    yield conf(
        section,
        "memcached_servers",
        memcached.servers(c),
        "a validated token is remembered for all processes of all services' hosts at once; without it "
        "each process asks keystone again",
    )
    yield conf(
        section,
        "service_token_roles_required",
        True,
        "who sends an expired user token along has to prove to be a service; any valid token would "
        "do otherwise",
    )
    yield conf(
        section,
        "service_token_roles",
        "service",
        "the keystone role that users of services hold and no person does",
    )
    yield conf(
        section,
        "region_name",
        c.cloud.region,
        "tokens are validated by the keystone of this region, not by one further away",
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
    host = c.reach(c.controllers[0])
    return Secret(f"mysql+pymysql://{service}:{password}@{host}/{name}?charset=utf8")
