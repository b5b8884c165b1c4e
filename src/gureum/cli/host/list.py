"""`gureum host list`: which hosts a cloud has, and how they were when last seen."""

from __future__ import annotations

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json


def list_hosts(file: InputFile = None, name: CloudName = None, json: Json = False) -> None:
    """List the hosts of the input: roles, address, how each is reached, when it was last seen.

    No host is asked: `gureum host check` does that.
    """
    from gureum.operate.deployment import Deployment
    from gureum.operate.host_list import listed
    from gureum.views import host_text
    from gureum.views.data import show

    c = context(name, file)
    found = listed(Deployment(c.loaded, c.folder))
    show("hosts", found, host_text.listing(found), json=json)
