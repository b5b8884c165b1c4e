"""horizon's settings and why each is set: Django's, so they are Python, in local_settings.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from gureum.config.merge import merge
from gureum.config.python_file import lines
from gureum.config.setting import Option
from gureum.services import memcached
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.dashboard_address import browsed_as

FILE = "local_settings.py"
LOG = "/var/log/horizon/horizon.log"


def static_folder(c: Context) -> str:
    """Return where the static files of the release lie."""
    return f"/var/lib/gureum/dashboard/{c.release.name}"


def static_options() -> Iterator[Option]:
    """Yield the settings that the static files depend on: the same for every cloud."""
    conf = options_in(FILE, "horizon")
    yield conf(
        "", "WEBROOT", "/", "the address of the API is enough to type: no other page is there"
    )
    yield conf(
        "",
        "COMPRESS_OFFLINE",
        True,
        "styles and scripts are put together once, at installation, under names that change with "
        "their content; while a page is asked for it would take seconds",
    )


def static_settings() -> str:
    """Return the settings of `static_options` as Python."""
    tree = merge(static_options())
    return "".join(lines(tree.files[FILE]))


def options(c: Context) -> Iterator[Option]:
    """Yield every setting of the dashboard."""
    conf = options_in(FILE, "horizon")
    yield from static_options()
    yield conf("", "STATIC_ROOT", static_folder(c), "where the installation laid the static files")
    yield conf(
        "",
        "DEBUG",
        c.cloud.dashboard.debug,
        "the operator wants to see errors whole (dashboard.debug)"
        if c.cloud.dashboard.debug
        else "an error page that tells its whole story tells it to attackers too",
    )
    yield conf(
        "", "TIME_ZONE", c.cloud.dashboard.time_zone, "times are shown so (dashboard.time_zone)"
    )
    yield from _security(c)
    yield from _sessions(c)
    yield from _cloud(c)
    yield from _logging(c)


def _security(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "horizon")
    yield conf(
        "",
        "SECRET_KEY",
        c.secrets.password("horizon.secret_key"),
        "signs sessions and forms: the same on every controller, and known to nobody else",
    )
    yield conf(
        "",
        "ALLOWED_HOSTS",
        (*browsed_as(c), "127.0.0.1"),
        "the names it is really called by; with any other, a forged one would end up in its links",
    )
    yield conf(
        "",
        "SECURE_PROXY_SSL_HEADER",
        ("HTTP_X_FORWARDED_PROTO", "https"),
        "HAProxy ends TLS and says so in this header, which it sets itself whatever a client sends",
    )
    yield conf(
        "", "SESSION_COOKIE_SECURE", True, "who has the session's cookie is logged in: by TLS only"
    )
    yield conf("", "CSRF_COOKIE_SECURE", True, "the cookie that guards forms travels by TLS only")


def _sessions(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "horizon")
    yield conf(
        "",
        "SESSION_ENGINE",
        "django.contrib.sessions.backends.cache",
        "a session holds the token of its user: it stays on the controllers, any of which finds it",
    )
    yield conf(
        "CACHES.default",
        "BACKEND",
        "django.core.cache.backends.memcached.PyMemcacheCache",
        "sessions lie in memory; a restart of memcached logs people out and does no other harm",
    )
    yield conf(
        "CACHES.default", "LOCATION", memcached.servers(c), "the memcached of every controller"
    )
    yield conf(
        "CACHES.default",
        "KEY_PREFIX",
        f"horizon-{c.release.name}-{hashlib.sha256(c.release.lock.encode()).hexdigest()[:8]}",
        "parts of pages are cached as well, for a month: those of another version do not fit this "
        "one's scripts, and every page would fail until they end",
    )


def _cloud(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "horizon")
    yield conf("", "OPENSTACK_KEYSTONE_URL", c.api(5000, "/v3"), "people log in to keystone there")
    yield conf("", "OPENSTACK_SSL_CACERT", CA_FILE, "the API's TLS leads to the cloud's own CA")
    yield conf(
        "",
        "CONSOLE_TYPE",
        "VNC",
        "noVNC is the console that is deployed: left alone, horizon asks nova for each kind in turn",
    )
    yield conf(
        "LAUNCH_INSTANCE_DEFAULTS",
        "create_volume",
        False,
        "a VM's disk is nova's own: there is no volume service to make one",
    )
    yield conf(
        "LAUNCH_INSTANCE_DEFAULTS",
        "hide_create_volume",
        True,
        "what cannot be had is not offered in the form",
    )


def _logging(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "horizon")
    debug = c.debug("horizon")
    yield conf("LOGGING", "version", 1, "Python's format of such a description")
    yield conf(
        "LOGGING",
        "disable_existing_loggers",
        False,
        "libraries that were loaded before may speak as well",
    )
    yield conf(
        "LOGGING.formatters.line",
        "format",
        "%(asctime)s.%(msecs)03d000+00:00 %(process)d %(levelname)s %(name)s [-] %(message)s",
        "time, process, level and origin stand where the other services have them",
    )
    yield conf(
        "LOGGING.formatters.line",
        "datefmt",
        "%Y-%m-%dT%H:%M:%S",
        "lines of several services can be sorted together by it",
    )
    yield conf(
        "LOGGING.handlers.file",
        "class",
        "logging.handlers.WatchedFileHandler",
        "notices that its file was moved away by the rotation, and begins a new one",
    )
    yield conf("LOGGING.handlers.file", "formatter", "line", "the file has the common form")
    yield conf("LOGGING.handlers.file", "filename", LOG, "the unit's own log file")
    yield conf(
        "LOGGING.root",
        "handlers",
        ("file",),
        "a line goes one way, and is gathered once; what fails before that stands in the journal",
    )
    yield conf(
        "LOGGING.root",
        "level",
        "DEBUG" if debug else "INFO",
        "the operator wants debug messages (logging)"
        if debug
        else "who did what and what went wrong, without each of its calls",
    )
