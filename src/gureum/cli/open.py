"""`gureum open dashboard|rabbitmq`: where a page of the cloud answers, and how to log in."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json


def open_page(
    page: Annotated[str, typer.Argument(help="dashboard or rabbitmq.")] = "dashboard",
    reveal: Annotated[bool, typer.Option("--reveal", help="Print the password as well.")] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Say where the dashboard or RabbitMQ's page answers, and where its password stands."""
    from gureum.operate import pages
    from gureum.operate.deployment import Deployment
    from gureum.views import pages_text
    from gureum.views.data import show

    c = context(name, file)
    found = pages.page(Deployment(c.loaded, c.folder), page, reveal=reveal)
    show("page", found, pages_text.lines(found), json=json)
