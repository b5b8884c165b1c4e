"""`gureum host add`: reach a host, install a key if need be, and write it into the cloud's input."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gureum.cli.context import HERE
from gureum.cli.options import CloudName, InputFile, Json
from gureum.errors import GureumError

if TYPE_CHECKING:
    from gureum.operate.host_add import Draft, Reached


def add_host(
    host: Annotated[str, typer.Argument(metavar="NAME", help="What the cloud calls it.")],
    place: Annotated[
        str,
        typer.Argument(
            metavar="[USER@]ADDRESS[:PORT]",
            help="Where ssh goes: an address, a name or a Host of ~/.ssh/config; or local.",
        ),
    ],
    roles: Annotated[
        list[str],
        typer.Option("--role", help="controller, network, compute, storage; may be repeated."),
    ],
    *,
    identity: Annotated[
        str | None, typer.Option(metavar="KEY", help="The private key that logs in.")
    ] = None,
    jump: Annotated[
        str | None, typer.Option(metavar="[USER@]HOST[:PORT]", help="The host to go through.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="Its address on the management network, if ssh uses another.")
    ] = None,
    nics: Annotated[
        list[str] | None,
        typer.Option(
            "--nic",
            metavar="NETWORK=NIC",
            help="The NIC of a network, by name, MAC or subnet, e.g. provider=eth1; may be repeated.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept its host key without asking.")] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Reach a host and write it into the cloud's input; nothing on it changes.

    If it refuses the key, ssh asks you for its password once, and the key is installed.
    """
    from gureum.operate.host_add import Wanted, draft, reach, write
    from gureum.views import host_check_text, host_text
    from gureum.views.data import show

    wanted = Wanted(
        host, place, roles, identity=identity, jump=jump, address=address, nics=_pairs(nics or [])
    )
    begun = draft(_input(file, name), name, wanted)
    if begun.target.connection == "ssh":
        _trusted(begun, yes=yes)
        begun = _let_in(begun)
    reached = reach(begun)
    write(reached)
    lines = [
        *host_check_text.table(reached.scene, reached.findings),
        *host_text.added(reached),
    ]
    show("host_added", _document(reached), lines, json=json)


def _document(reached: Reached) -> dict[str, object]:
    from gureum.views import host_check_text

    return {
        "host": reached.draft.wanted.name,
        "file": str(reached.draft.file),
        "lacks": [problem.summary for problem in reached.draft.lacks],
        **host_check_text.document(reached.scene, reached.findings, 0.0),
    }


def _pairs(nics: list[str]) -> dict[str, str]:
    wrong = [text for text in nics if not all(text.partition("="))]
    if wrong:
        raise GureumError(
            f"--nic wants NETWORK=NIC, not {', '.join(wrong)}", hint="--nic provider=eth1"
        )
    return {network: nic for network, _, nic in (text.partition("=") for text in nics)}


def _input(file: Path | None, name: str | None) -> Path:
    """Return the file that the host is written into: the named one, ./cloud.yaml, or the cloud's own."""
    from gureum.operate.kept_input import kept_input
    from gureum.state.folder import CloudFolder

    if file is not None:
        return file
    folder = CloudFolder(name or "cloud")
    kept = kept_input(folder)
    if HERE.exists() and (name is None or kept is None or kept.file == HERE.absolute()):
        return HERE
    if kept is not None:
        return kept.file
    if folder.journal.exists():
        raise GureumError(
            f"the cloud {folder.name!r} is an all-in-one in a lab, which has no input",
            detail="a lab is a network of its own on this machine: other hosts cannot be in it",
            hint="gureum host add … --cloud with another name begins a cloud of servers",
        )
    return HERE


def _trusted(begun: Draft, *, yes: bool) -> None:
    """Show the host's key, and those of jumps on the way, until all are accepted."""
    from gureum.operate.host_trust import accept, shown_keys
    from gureum.views import host_text

    while True:
        found = shown_keys([begun.target])
        new = [key for key in found if key.state == "new"]
        if not new:
            break
        for line, _ in host_text.keys(new):
            typer.echo(line, err=True)
        if not yes:
            _confirm("accept this key?", "its host key is not accepted yet", "--yes accepts it")
        accept(begun.folder, new)
    for key in found:
        if key.state == "changed":
            raise GureumError(
                f"{key.where} shows another host key than before",
                detail=f"now {key.fingerprint}, before {key.before}: it was installed anew, or this "
                "is another machine in its place",
                hint=f"ssh-keygen -R {begun.target.destination}, if it was installed anew",
            )
        if key.state == "unreachable":
            raise GureumError(f"{key.where}: {key.said.splitlines()[0]}", hint=key.hint)


def _let_in(begun: Draft) -> Draft:
    """Return the draft with a key that the host takes; a password installs it, asked for by ssh."""
    from gureum.hosts import Connections
    from gureum.hosts.key_install import install, make_key, own_key

    with Connections() as connections:
        _, refused = connections.try_open([begun.target])
    error = refused.get(begun.wanted.name)
    if error is None:
        return begun
    if error.kind != "key_refused":
        raise error
    identity = begun.target.identity or own_key()
    if identity is None:
        identity = make_key(begun.folder.make().path / "id_ed25519", f"gureum {begun.folder.name}")
        begun = _with_identity(begun, identity)
    _confirm(
        f"{begun.target.where()} refuses the key. Install {identity}.pub there, by one login with a "
        "password that ssh asks you for?",
        error.meaning,
        error.hint,
    )
    if not install(begun.target, identity):
        raise GureumError(
            f"{begun.target.where()} takes neither the key nor the password",
            detail="Debian lets root in by key alone; another user with sudo may come by password",
            hint=error.hint,
        )
    return begun


def _with_identity(begun: Draft, identity: Path) -> Draft:
    from gureum.operate.host_add import draft

    wanted = replace(begun.wanted, identity=str(identity))
    return draft(begun.file, begun.loaded.cloud.name, wanted)


def _confirm(question: str, problem: str, hint: str) -> None:
    if not sys.stdin.isatty():
        raise GureumError(
            problem, detail="nobody can be asked here: there is no terminal", hint=hint
        )
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)
