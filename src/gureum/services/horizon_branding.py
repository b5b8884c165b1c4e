"""The operator's logo and colour: templates that stand before those of every theme."""

from __future__ import annotations

import hashlib

from gureum.services.context import Context
from gureum.services.declaration import TextFile

TEMPLATES = "/etc/horizon/templates"
PICTURES = "/etc/horizon/branding"
FOLDERS = (PICTURES, TEMPLATES, *(f"{TEMPLATES}/{part}" for part in ("auth", "header", "horizon")))
_BRAND = """\
{{% load branding %}}
<a class="navbar-brand" href="{{% site_branding_link %}}" target="_self">
  <img class="openstack-logo" src="{logo}" alt="{{% site_branding %}}">
</a>
"""
_SPLASH = """\
{{% load branding %}}
<div class="text-center">
  <img class="splash-logo" src="{logo}" alt="{{% site_branding %}}">
</div>
"""
# The dashboard's own rules are stronger than one class: with an id or `body` these come first.
_COLOUR = """\
<style>
body a, body .btn-link {{ color: {colour}; }}
body .btn-primary, body .btn-primary:hover, body .btn-primary:focus, body .btn-primary[disabled] {{
  background-color: {colour}; border-color: {colour}; color: #fff; }}
body .btn-primary:hover, body a:hover {{ filter: brightness(85%); }}
body .label-primary, body .progress-bar {{ background-color: {colour}; }}
body .nav-pills > li.active > a, body .nav-pills > li.active > a:hover,
body #sidebar-accordion a.openstack-panel.active, body .sidebar .active > a,
body a.active.openstack-panel {{ background-color: {colour}; color: #fff; }}
body .topbar .navbar {{ border-bottom: 2px solid {colour}; }}
</style>
"""


def picture_name(c: Context) -> str:
    """Return what the logo's file is called: by its content, so that browsers may keep it for good."""
    return f"logo-{hashlib.sha256(c.logo.encode()).hexdigest()[:12]}.svg"


def templates(c: Context) -> tuple[TextFile, ...]:
    """Return the templates that differ from horizon's own; without branding there are none."""
    found: list[TextFile] = []
    logo = f"/branding/{picture_name(c)}"
    if c.logo:
        found.append(
            TextFile(
                path=f"{TEMPLATES}/header/_brand.html",
                content=_BRAND.format(logo=logo),
                why="the operator's logo stands above every page, whatever theme somebody chose "
                "(cloud.yaml: dashboard.branding.logo)",
            )
        )
        found.append(
            TextFile(
                path=f"{TEMPLATES}/auth/_splash.html",
                content=_SPLASH.format(logo=logo),
                why="people see at the login whose cloud it is, before they type a password "
                "(cloud.yaml: dashboard.branding.logo)",
            )
        )
    if colour := c.cloud.dashboard.branding.colour:
        found.append(
            TextFile(
                path=f"{TEMPLATES}/horizon/_custom_head_js.html",
                content=_COLOUR.format(colour=colour.lower()),
                why="a few rules after the dashboard's own give it the operator's colour; to build its "
                "styles anew for each cloud would take ten seconds (cloud.yaml: dashboard.branding.colour)",
            )
        )
    return tuple(found)


def pictures(c: Context) -> tuple[TextFile, ...]:
    """Return the logo's file, where the operator has one."""
    if not c.logo:
        return ()
    return (
        TextFile(
            path=f"{PICTURES}/{picture_name(c)}",
            content=c.logo,
            why="the operator's logo, sent as it was given (cloud.yaml: dashboard.branding.logo)",
        ),
    )
