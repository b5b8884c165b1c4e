"""What Swift's proxy on controllers is told, and the two daemons that work through one."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.model.objects import SwiftAuth
from gureum.services import memcached
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.credentials import auth_options
from gureum.services.swift_config import config_file, log_options
from gureum.services.swift_layout import CACHE, PROXY_PORT
from gureum.state.secrets import Secret

PROXY, EXPIRER, RECONCILER = "proxy-server.conf", "object-expirer.conf", "container-reconciler.conf"
TEMPAUTH_USER = "swift.tempauth"
"""The secret that is the key of TempAuth's administrator, admin:admin."""
_INTERNAL = "catch_errors proxy-logging cache proxy-server"
_FILTERS = {
    "catch_errors": "an error of the proxy becomes an answer with an id instead of a cut connection",
    "gatekeeper": "headers by which Swift's own parts talk to each other come from no user",
    "healthcheck": "whoever waits for the proxy asks it a question that needs no token",
    "proxy-logging": "each request becomes a line, which tells what was asked and what was answered",
    "cache": "accounts, containers and tokens are looked up once for the proxies of all controllers",
    "listing_formats": "lists come as text, JSON or XML, as the caller asks",
    "bulk": "an archive is unpacked into many objects, and many objects are deleted, in one request",
    "tempurl": "a signed address opens one object for a time to whoever has it",
    "formpost": "a signed form of a web page takes uploads of whoever has it",
    "s3api": "clients of S3 use the same objects: buckets are containers",
    "staticweb": "a container can be shown as a web site, with an index and pages for errors",
    "copy": "an object is copied without going through the caller",
    "container-quotas": "a container may have a limit in bytes and in objects",
    "account-quotas": "an account may have a limit in bytes, which administrators set",
    "slo": "a large object is many small ones and a manifest that names them with their checksums",
    "dlo": "a large object is all those whose names begin alike, in their order",
    "versioned_writes": "a container may keep what is written over or deleted",
    "symlink": "an object can lead to another",
}
_EGGS = {name: name.replace("-", "_") for name in _FILTERS}
_EGGS["cache"] = "memcache"


def files() -> Iterator[ConfigFile]:
    """Yield the config files of a controller."""
    yield config_file(PROXY, "what users of Swift can ask for, and who tells whether they may")
    yield config_file(EXPIRER, "how objects are deleted whose time is over")
    yield config_file(RECONCILER, "how objects of a wrong storage policy come into the right one")


def options(c: Context) -> Iterator[Option]:
    """Yield what the proxy, the expirer and the reconciler are told."""
    yield from _proxy(c)
    for file, section in ((EXPIRER, "object-expirer"), (RECONCILER, "container-reconciler")):
        yield from _daemon(c, file, section)


def _pipeline(c: Context) -> tuple[str, ...]:
    assert c.cloud.swift is not None
    before = ("catch_errors", "gatekeeper", "healthcheck", "proxy-logging", "cache")
    open_to_all = ("listing_formats", "bulk", "tempurl", "formpost")
    login = {
        SwiftAuth.KEYSTONE: ("authtoken", "s3api", "s3token", "keystoneauth"),
        SwiftAuth.TEMPAUTH: ("s3api", "tempauth"),
    }[c.cloud.swift.auth]
    after = ("staticweb", "copy", "container-quotas", "account-quotas", "slo", "dlo")
    last = ("versioned_writes", "symlink", "proxy-logging", "proxy-server")
    return (*before, *open_to_all, *login, *after, *last)


def _proxy(c: Context) -> Iterator[Option]:
    assert c.cloud.swift is not None
    conf = options_in(PROXY, "swift")
    yield from log_options(c, PROXY, "DEFAULT")
    yield conf(
        "DEFAULT",
        "bind_ip",
        "127.0.0.1",
        "users come by HAProxy, which ends TLS; nobody comes past it",
    )
    yield conf(
        "DEFAULT", "bind_port", PROXY_PORT, "where HAProxy passes requests for objects on to"
    )
    yield conf(
        "DEFAULT",
        "workers",
        c.workers,
        "processes of the proxy, one for each four processors; each serves many users at once",
    )
    yield conf(
        "pipeline:main",
        "pipeline",
        " ".join(_pipeline(c)),
        "the way of a request, in the order that Swift's own sample and the guide of s3api have",
    )
    yield conf("app:proxy-server", "use", "egg:swift#proxy", "Swift's proxy ends the pipeline")
    yield conf(
        "app:proxy-server",
        "account_autocreate",
        True,
        "a project gets its account with its first container, without an administrator",
    )
    for name, why in _FILTERS.items():
        yield conf(f"filter:{name}", "use", f"egg:swift#{_EGGS[name]}", why)
    yield conf(
        "filter:cache",
        "memcache_servers",
        ",".join(memcached.servers(c)),
        "proxies of all controllers share one cache, so a token of one is known to the others",
    )
    yield conf(
        "filter:versioned_writes",
        "allow_versioned_writes",
        True,
        "users may ask for versions in the older way, by a container for what was there before",
    )
    yield conf(
        "filter:versioned_writes",
        "allow_object_versioning",
        True,
        "users may ask for versions in the newer way, which S3's versioning of buckets is made of",
    )
    yield conf(
        "filter:staticweb",
        "url_base",
        "https://",
        "who asks for a site without the last slash is sent on by TLS, of which Swift behind HAProxy "
        "knows nothing",
    )
    if c.cloud.swift.auth is SwiftAuth.KEYSTONE:
        yield from _keystone(c)
    else:
        yield from _tempauth(c)


def _keystone(c: Context) -> Iterator[Option]:
    conf = options_in(PROXY, "swift")
    section = "filter:authtoken"
    yield conf(
        section,
        "paste.filter_factory",
        "keystonemiddleware.auth_token:filter_factory",
        "keystone's own middleware tells from a token who somebody is",
    )
    yield from auth_options(c, PROXY, "swift", section, "swift validates its callers' tokens")
    yield conf(
        section,
        "www_authenticate_uri",
        c.api(5000),
        "a caller without a token is told with the refusal (401) where to get one",
    )
    yield conf(
        section,
        "cache",
        "swift.cache",
        "validated tokens lie in the cache that the proxies share anyway",
    )
    yield conf(
        section,
        "delay_auth_decision",
        True,
        "signed addresses, forms, S3 and public containers need no token: others decide about these",
    )
    yield conf(
        section,
        "include_service_catalog",
        False,
        "a token's catalogue is larger than the rest of it, and Swift asks for nothing there",
    )
    yield conf(
        section,
        "service_token_roles_required",
        True,
        "who sends an expired token along has to prove to be a service; any valid one would do else",
    )
    yield conf("filter:s3token", "use", "egg:swift#s3token", "keystone holds the keys of S3 users")
    yield conf(
        "filter:s3token",
        "auth_uri",
        c.api(5000, "/v3"),
        "where signatures made with EC2 credentials are judged, and their projects are known",
    )
    yield conf(
        "filter:s3token",
        "certfile",
        CA_FILE,
        "without a key beside it, the middleware takes this for what keystone's certificate has to "
        "lead to",
    )
    for name, value, why in (
        ("auth_url", c.api(5000), "where Swift logs in before it asks for the keys of users"),
        ("auth_type", "password", "Swift logs in to ask for keys as it does to validate tokens"),
        ("username", "swift", "Swift's own user, whom keystone lets ask about signatures"),
        ("password", c.secrets.password("swift.user"), "the password of Swift's own user"),
        ("project_name", "service", "the project in which users of services have their rights"),
        ("user_domain_id", "default", "users of services are in keystone's first domain"),
        ("project_domain_id", "default", "and so is the project that they share"),
    ):
        yield conf("filter:s3token", name, value, why)
    yield conf(
        "filter:keystoneauth",
        "use",
        "egg:swift#keystoneauth",
        "what a project's user may do with its account follows from keystone roles",
    )
    yield conf(
        "filter:keystoneauth",
        "operator_roles",
        "admin, member",
        "ordinary users of a project may make containers, as they may make VMs",
    )
    yield conf(
        "filter:keystoneauth",
        "project_reader_roles",
        "reader",
        "who may only look at a project may look at its objects as well",
    )
    yield conf(
        "filter:keystoneauth",
        "reseller_admin_role",
        "admin",
        "administrators of the cloud set quotas of accounts, without one more keystone role",
    )


def _tempauth(c: Context) -> Iterator[Option]:
    conf = options_in(PROXY, "swift")
    section = "filter:tempauth"
    yield conf(
        section,
        "use",
        "egg:swift#tempauth",
        "users stand in this file, and no keystone is asked (cloud.yaml: swift.auth)",
    )
    yield conf(
        section,
        "storage_url_scheme",
        "https",
        "users are sent to HAProxy's address with TLS, of which the proxy behind it knows nothing",
    )
    key = c.secrets.password(TEMPAUTH_USER).reveal()
    yield conf(
        section,
        "user_admin_admin",
        Secret(f"{key} .admin .reseller_admin"),
        "the administrator of all accounts; further users are options of this section in cloud.yaml",
    )


def _daemon(c: Context, file: str, section: str) -> Iterator[Option]:
    conf = options_in(file, "swift")
    what = section.replace("-", " ")
    yield from log_options(c, file, "DEFAULT")
    yield conf(
        "pipeline:main",
        "pipeline",
        _INTERNAL,
        f"the {what} goes the proxy's way by itself, without what stands between users and data",
    )
    yield conf(
        "app:proxy-server", "use", "egg:swift#proxy", f"the {what} finds copies as the proxy does"
    )
    for name in ("catch_errors", "proxy-logging", "cache"):
        yield conf(
            f"filter:{name}",
            "use",
            f"egg:swift#{_EGGS[name]}",
            f"part of the way of the {what} as of any request: {_FILTERS[name]}",
        )
    yield conf(
        "filter:cache",
        "memcache_servers",
        ",".join(memcached.servers(c)),
        f"the {what} sees in the common cache what the proxies know",
    )
    yield conf(
        section,
        "processes",
        len(c.controllers) if len(c.controllers) > 1 else 0,
        f"the work of the {what} is split among the controllers",
    )
    yield conf(
        section,
        "process",
        c.controllers.index(c.host),
        f"which part of the work of the {what} is this host's",
    )
    if file == EXPIRER:
        yield conf(
            section,
            "recon_cache_path",
            CACHE,
            "what the object expirer did last is kept for who looks after it",
        )
