"""horizon's settings and why each is set: Django's, so they are Python, in local_settings.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from gureum.config.merge import merge
from gureum.config.python_file import lines
from gureum.config.setting import Option, Value
from gureum.services import memcached
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.dashboard_address import browsed_as
from gureum.services.horizon_policy import policy_settings

FILE = "local_settings.py"
UPLOADS = "/var/lib/horizon/uploads"
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
    yield from _looks(c)
    yield from _security(c)
    yield from _sessions(c)
    yield from _cloud(c)
    yield from _storage(c)
    yield from policy_settings(FILE)
    yield from _logging(c)


def _looks(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "horizon")
    branding = c.cloud.dashboard.branding
    yield conf(
        "",
        "SITE_BRANDING",
        branding.title,
        "what the tab of a browser shows after the page's own name (dashboard.branding.title)",
    )
    yield conf(
        "",
        "DEFAULT_THEME",
        branding.theme,
        "the look of pages until somebody chooses the other one (dashboard.branding.theme)",
    )


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
        "",
        "SESSION_TIMEOUT",
        60 * c.cloud.dashboard.session_minutes,
        "seconds without a click after which a browser left alone lets nobody else in "
        "(dashboard.session_minutes)",
    )
    if len(c.controllers) > 1:
        for name, value, why in _LOST_CONTROLLER:
            yield conf("CACHES.default.OPTIONS", name, value, why)
    yield conf(
        "CACHES.default",
        "KEY_PREFIX",
        f"horizon-{c.release.name}-{hashlib.sha256(c.release.lock.encode()).hexdigest()[:8]}",
        "parts of pages are cached as well, for a month: those of another version do not fit this "
        "one's scripts, and every page would fail until they end",
    )


_LOST_CONTROLLER: tuple[tuple[str, Value, str], ...] = (
    (
        "ignore_exc",
        True,
        "a controller that is away takes its part of the sessions along: their people log in again, where "
        "an error would stand instead of every page",
    ),
    (
        "connect_timeout",
        1,
        "a memcached that is gone is found out in a second; by itself it would take minutes",
    ),
    ("timeout", 2, "a memcached that hangs does not take the pages with it"),
    (
        "retry_attempts",
        1,
        "after a second failure a memcached is left alone for a minute, and its part goes to the others",
    ),
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
        "",
        "OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT",
        c.cloud.dashboard.domains,
        "the login asks for a domain as well, for people of several (dashboard.domains)"
        if c.cloud.dashboard.domains
        else "people of the domain Default log in without naming it (dashboard.domains)",
    )
    yield conf(
        "",
        "ENFORCE_PASSWORD_CHECK",
        True,
        "who changes somebody's password gives their own: a browser left open is no way to take accounts",
    )
    yield conf(
        "",
        "OPENSTACK_CLOUDS_YAML_NAME",
        c.cloud.name,
        "whoever downloads the file for several clouds can tell them apart by it",
    )


def _storage(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "horizon")
    yield conf(
        "OPENSTACK_CINDER_FEATURES",
        "enable_backup",
        c.cloud.backup_target != "none",
        "pages of backups are there where backups have a place to go (storage.backups)",
    )
    yield conf(
        "LAUNCH_INSTANCE_DEFAULTS",
        "create_volume",
        False,
        "the wizard takes nova's own disk unless a person asks for a volume: one that is forgotten "
        "outlives its VM",
    )
    yield conf(
        "LAUNCH_INSTANCE_DEFAULTS",
        "hide_create_volume",
        not c.cloud.backends,
        "a volume is offered where there is a service that makes one (storage.volumes)",
    )
    for kind in ("disable_volume", "disable_volume_snapshot"):
        yield conf(
            "LAUNCH_INSTANCE_DEFAULTS",
            kind,
            not c.cloud.backends,
            f"{_SOURCE[kind]} can be started from where there are any (storage.volumes)",
        )
    upload = c.cloud.dashboard.image_upload
    yield conf("", "HORIZON_IMAGES_UPLOAD_MODE", upload, _UPLOAD[upload])
    yield conf(
        "",
        "FILE_UPLOAD_TEMP_DIR",
        UPLOADS,
        "what is sent through the dashboard waits on a disk; /tmp is memory on newer systems, and an "
        "image would fill it",
    )


_SOURCE = {"disable_volume": "a volume", "disable_volume_snapshot": "a snapshot of a volume"}
_UPLOAD = {
    "direct": "a browser sends an image to glance itself: once, and by no disk of the dashboard's "
    "(dashboard.image_upload)",
    "legacy": "the operator wants images to pass through the dashboard, which needs room on its disk for "
    "each that is under way (dashboard.image_upload)",
    "off": "the operator wants no images from browsers (dashboard.image_upload)",
}


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
        "LOGGING.loggers.urllib3",
        "level",
        "DEBUG" if debug else "ERROR",
        "each call to a service is a line, as the operator wants (logging)"
        if debug
        else "with every page it warns that it keeps no more than ten connections, which harms nobody",
    )
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
