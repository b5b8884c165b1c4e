"""`gureum endpoints`: services, endpoints, users and keystone roles in one view (R-CRED-2)."""

from __future__ import annotations

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json


def endpoints(file: InputFile = None, name: CloudName = None, json: Json = False) -> None:
    """Show services and their addresses, users, keystone roles, and who holds which where."""
    from gureum.operate.endpoints import read_catalogue
    from gureum.views import endpoints_text
    from gureum.views.data import show

    c = context(name, file)
    found = read_catalogue(c.loaded, c.folder)
    show("endpoints", found, endpoints_text.lines(found), json=json)
