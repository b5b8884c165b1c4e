"""`gureum host`: the machines of a cloud, each command in a file of its own."""

from __future__ import annotations

import typer

from gureum.cli.host.add import add_host
from gureum.cli.host.check import check_hosts
from gureum.cli.host.drain import drain
from gureum.cli.host.facts import show_facts
from gureum.cli.host.list import list_hosts
from gureum.cli.host.remove import remove
from gureum.cli.host.trust import trust_hosts
from gureum.cli.host.undrain import undrain

app = typer.Typer(
    help="Add, look at, check and remove the hosts of a cloud.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def hosts() -> None:
    """Add, look at, check and remove the hosts of a cloud."""


app.command("add")(add_host)
app.command("list")(list_hosts)
app.command("check")(check_hosts)
app.command("facts")(show_facts)
app.command("trust")(trust_hosts)
app.command("drain")(drain)
app.command("undrain")(undrain)
app.command("remove")(remove)
