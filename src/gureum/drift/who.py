"""Who may have made an edit: what a host recorded of that moment, and what it did not."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gureum.plan.difference import mask

_PATH = re.compile(r"/[\w@%+.,/-]*")


@dataclass(frozen=True)
class Login:
    """Somebody who was there: over SSH (`ssh`), at a console, or as another user by sudo or su."""

    how: str
    user: str
    began: float
    ended: float | None
    address: str = ""
    method: str = ""
    key: str = ""
    ours: bool = False
    as_user: str = ""
    command: str = ""
    terminal: str = ""
    names_file: bool = False


@dataclass(frozen=True)
class Package:
    """What apt or dpkg did at that moment, and who asked apt for it."""

    how: str
    command: str
    user: str


@dataclass(frozen=True)
class Traces:
    """Everything that is known of a moment. `unknown` says in a sentence what is not.

    `audited` tells whether an audit daemon may know more than this.
    """

    moment: float
    logins: tuple[Login, ...] = ()
    packages: tuple[Package, ...] = ()
    unknown: str = ""
    audited: bool = False


def traces(
    path: str,
    raw: Mapping[str, Any] | None,
    redact: Callable[[str], str],
    own_key: str = "",
) -> Traces | None:
    """Return what a host's records of a moment come to; `own_key` is gureum's fingerprint."""
    if raw is None:
        return None
    logins = tuple(_login(path, one, redact, own_key) for one in raw["sessions"])
    packages = tuple(Package(p["how"], _packaged(p, redact), p["user"]) for p in raw["packages"])
    # Who used sudo on this very file comes first.
    ordered = tuple(sorted(logins, key=lambda one: (not one.names_file, not one.command)))
    unknown = _unknown(raw, logins)
    return Traces(raw["moment"], ordered, packages, unknown, raw["audited"])


def fingerprint(identity: Path | None) -> str:
    """Return the fingerprint of a key as sshd logs it, from the public half beside it."""
    if identity is None:
        return ""
    try:
        blob = base64.b64decode(Path(f"{identity}.pub").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return ""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def _packaged(raw: Mapping[str, Any], redact: Callable[[str], str]) -> str:
    return mask(redact(raw["command"]))


def _login(path: str, raw: Mapping[str, Any], redact: Callable[[str], str], own_key: str) -> Login:
    typed = raw.get("command", "")
    names_file = path in typed or path.rsplit("/", 1)[-1] in typed
    command = mask(redact(outline(typed)))
    return Login(
        how=raw["how"],
        user=raw["user"],
        began=raw["began"],
        ended=raw["ended"],
        address=raw.get("address", ""),
        method=raw.get("method", ""),
        key=raw.get("key", ""),
        ours=bool(own_key) and raw.get("key") == own_key,
        as_user=raw.get("as", ""),
        command=command,
        terminal=raw.get("terminal", ""),
        names_file=names_file,
    )


def _unknown(raw: Mapping[str, Any], logins: tuple[Login, ...]) -> str:
    if not raw["journal"]:
        return "the host's journal does not reach back that far"
    if not logins:
        return (
            "nobody was logged in by SSH or at a console, and no sudo ran: it was a local process, "
            "a login of more than a day, or a shell opened from the machine that the host runs on"
        )
    return ""


def outline(command: str) -> str:
    """Return a command's program and the paths in it: other words may be anybody's password."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    if not words:
        return ""
    shown = [words[0], *(word if _PATH.fullmatch(word) else "…" for word in words[1:])]
    return " ".join(word for word, _ in itertools.groupby(shown))
