"""`gureum host trust`: host keys are shown with their fingerprints, and kept once accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json, NamedHosts
from gureum.errors import GureumError

if TYPE_CHECKING:
    from gureum.operate.host_trust import ShownKey


def trust_hosts(
    hosts: NamedHosts = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Accept new keys without asking.")] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Accept keys that changed as well.")
    ] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Show the keys of hosts reached by SSH, and keep those that you accept.

    Compare the fingerprints with what the hosts' own consoles say. A key that changed means a host
    that was installed anew, or another machine in its place: it needs --changed.
    """
    from gureum.operate.deployment import Deployment
    from gureum.operate.host_trust import accept, ask_keys
    from gureum.views import host_text
    from gureum.views.data import show

    c = context(name, file)
    deployment = Deployment(c.loaded, c.folder)
    kept: list[str] = []
    while True:
        found = ask_keys(deployment, hosts or ())
        show("host_keys", host_text.key_document(found), host_text.keys(found), json=json)
        due = [k for k in found if k.state == "new" or (changed and k.state == "changed")]
        due = [k for k in due if k.host not in kept]
        if not due:
            break
        if not yes and not _agreed(due, hosts or [], json=json):
            raise typer.Exit(1)
        accept(c.folder, due)
        kept += [k.host for k in due]
        if not any(k.state == "unreachable" for k in found):
            break
        # Behind a jump whose key has just been accepted more can be seen.
    wrong = [k for k in found if k.state in ("unreachable", "changed") and k.host not in kept]
    if wrong:
        raise typer.Exit(1)


def _agreed(due: list[ShownKey], typed: list[str], *, json: bool) -> bool:
    import sys

    if json or not sys.stdin.isatty():
        raise GureumError(
            f"{len(due)} host key{'s are' if len(due) > 1 else ' is'} not accepted yet",
            detail="nobody can be asked here: there is no terminal",
            hint=" ".join(["gureum host trust", *typed, "--yes"]),
        )
    return typer.confirm(f"accept {'these keys' if len(due) > 1 else 'this key'}?", err=True)
