"""horizon: the dashboard, in which people use the cloud with a browser (R-SVC-8)."""

from __future__ import annotations

from gureum.config.setting import ConfigFile
from gureum.model.cloud import Role
from gureum.services import nova_console
from gureum.services.context import Context
from gureum.services.dashboard_address import PORT, url
from gureum.services.declaration import Declaration, Port, Proxied, Task, TextFile, WebPage
from gureum.services.horizon_settings import (
    FILE,
    options,
    static_folder,
    static_settings,
)
from gureum.services.wsgi import api_unit
from gureum.steps.static_files import StaticFilesMade
from gureum.steps.step import Phase

_SETTINGS = "/etc/horizon/local/local_settings.py"
_PACKAGE = "/etc/horizon/local/__init__.py"
_BACKEND = 8090
_HASHED = "^/static/dashboard/(css|js)/[^/]+[.][0-9a-f]{12}[.](css|js)$"
"""Files whose name changes with their content."""

# The first page compiles templates and finds every panel of every dashboard: some seconds that
# nobody should wait for.
_WARM_UP = """\
from io import BytesIO


def first_page():
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/auth/login/", "SCRIPT_NAME": "", "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "https", "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for _ in application(environ, lambda status, headers: None):
        pass


first_page()
"""


def declare(c: Context) -> Declaration | None:
    """Declare the dashboard for a controller, unless the operator wants none."""
    if not c.has(Role.CONTROLLER) or not c.cloud.dashboard.enabled:
        return None
    unit, wsgi_files, proxied = api_unit(
        c,
        name="horizon",
        service="horizon",
        module="openstack_dashboard.wsgi:application",
        port=_BACKEND,
        description="OpenStack dashboard: the cloud in a browser",
        reads=(_SETTINGS, _PACKAGE),
        needs=("horizon.static", "memcached.unit.memcached"),
        says="pages of the dashboard wait",
        seconds=5,
        environment={"PYTHONPATH": "/etc/horizon", "PYTHONWARNINGS": "ignore"},
        warm_up=_WARM_UP,
        lines=(
            f"static-map = /static={static_folder(c)}",
            # The compressed copy that lies beside a file is sent in its place.
            "static-gzip-all = true",
            "mimefile = /etc/mime.types",
            # Files are sent beside the threads that answer requests.
            "offload-threads = 1",
        ),
    )
    return Declaration(
        service="horizon",
        packages=("media-types", "tzdata"),
        users={"horizon": ("/var/lib/horizon", ())},
        directories={
            "/etc/horizon": ("root", "horizon", 0o750),
            "/etc/horizon/local": ("root", "horizon", 0o750),
            "/var/lib/horizon": ("horizon", "horizon", 0o750),
            "/var/log/horizon": ("horizon", "horizon", 0o750),
        },
        config_files=(
            ConfigFile(
                name=FILE,
                path=_SETTINGS,
                group="horizon",
                format="python",
                why="how the dashboard guards its sessions and forms, and which cloud it shows",
            ),
        ),
        options=tuple(options(c)),
        files=(
            TextFile(
                path=_PACKAGE,
                content="",
                why="makes a package of the folder, which horizon then takes before its own empty one",
            ),
            *wsgi_files,
        ),
        units=(unit,),
        pages=(WebPage(name="dashboard", url=url(c)),),
        ports=(Port(number=_BACKEND, address="127.0.0.1", unit="horizon", purpose="backend"),),
        proxied=(
            Proxied(
                name="horizon",
                port=PORT,
                backend=proxied.backend,
                headers={
                    # Its consoles are the only foreign page in it; no other page may show it.
                    "Content-Security-Policy": "frame-ancestors 'self'; object-src 'none'; "
                    f"base-uri 'self'; frame-src 'self' {c.api(nova_console.PORT)}",
                    "X-Content-Type-Options": "nosniff",
                    "Referrer-Policy": "same-origin",
                },
                lasting=_HASHED,
                page=True,
            ),
        ),
        tasks=(
            Task(
                id="horizon.static",
                state=StaticFilesMade(
                    folder=static_folder(c),
                    venv=c.release.venv,
                    lock=c.release.lock,
                    settings=static_settings(),
                ),
                why="scripts and styles are put together, compressed and named by their content once "
                "for a release, not while somebody waits for a page",
                needs=("base.venv", "base.packages"),
                timeout=900,
                phase=Phase.INSTALL,
            ),
        ),
    )
