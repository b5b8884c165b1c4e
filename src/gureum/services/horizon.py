"""horizon: the dashboard, in which people use the cloud with a browser (R-SVC-8)."""

from __future__ import annotations

from gureum.config.setting import ConfigFile
from gureum.model.cloud import Role
from gureum.services import nova_console
from gureum.services.context import Context
from gureum.services.dashboard_address import PORT, url
from gureum.services.declaration import Declaration, Port, Proxied, Task, TextFile, WebPage
from gureum.services.horizon_branding import FOLDERS, PICTURES, pictures, templates
from gureum.services.horizon_entry import warm_up
from gureum.services.horizon_policy import policy_copies
from gureum.services.horizon_settings import (
    FILE,
    UPLOADS,
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
_HASHED = "^/(static/dashboard/(css|js)|branding)/[^/]+[.-][0-9a-f]{12}[.](css|js|svg)$"
"""Files whose name changes with their content."""


def declare(c: Context) -> Declaration | None:
    """Declare the dashboard for a controller, unless the operator wants none."""
    if not c.has(Role.CONTROLLER) or not c.cloud.dashboard.enabled:
        return None
    looks, copies = (*templates(c), *pictures(c)), policy_copies(c)
    unit, wsgi_files, proxied = api_unit(
        c,
        name="horizon",
        service="horizon",
        module="openstack_dashboard.wsgi:application",
        port=_BACKEND,
        description="OpenStack dashboard: the cloud in a browser",
        reads=(_SETTINGS, _PACKAGE, *(file.path for file in looks)),
        # oslo.policy looks at the file's time whenever it judges.
        rereads=tuple(file.path for file in copies),
        needs=("horizon.static", "memcached.unit.memcached"),
        says="pages of the dashboard wait",
        seconds=5,
        environment={"PYTHONPATH": "/etc/horizon", "PYTHONWARNINGS": "ignore"},
        warm_up=warm_up(c),
        lines=(
            f"static-map = /static={static_folder(c)}",
            *((f"static-map = /branding={PICTURES}",) if c.logo else ()),
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
            "/etc/horizon/policy": ("root", "horizon", 0o750),
            **(dict.fromkeys(FOLDERS, ("root", "root", 0o755)) if looks else {}),
            "/var/lib/horizon": ("horizon", "horizon", 0o750),
            UPLOADS: ("horizon", "horizon", 0o700),
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
            *looks,
            *copies,
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
                # Tokens of forms are masked anew for each page, and every page bears a comment of
                # random length (django-debreach): nobody learns them from the size of what is sent.
                compressed=("text/html", "application/json"),
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
