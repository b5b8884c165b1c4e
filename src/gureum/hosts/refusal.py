"""Says plainly why a host could not be reached: which host, which user, what was refused."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from gureum.errors import HostError
from gureum.hosts.target import Target


class Refused(HostError):
    """A host that could not be reached or used.

    `kind` is the id of the case, e.g. `key_refused`; `meaning` is the summary without the host.
    """

    def __init__(
        self, target: Target, kind: str, meaning: str, *, detail: str = "", hint: str = ""
    ) -> None:
        super().__init__(
            f"host {target.name} ({target.where()}): {meaning}", detail=detail, hint=hint
        )
        self.host = target.name
        self.kind = kind
        self.meaning = meaning


@dataclass(frozen=True)
class Case:
    """One way to be refused: what the connection says then, what that means, what to run."""

    kind: str
    said: str
    meaning: str
    hint: str


CASES: tuple[Case, ...] = (
    Case(
        "identity_missing",
        r"Identity file .* not accessible|no such identity|Load key .*: No such file",
        "the key {identity} is not on this machine",
        "ls -l {identity}",
    ),
    Case(
        "host_key_changed",
        "REMOTE HOST IDENTIFICATION HAS CHANGED|differs from the key for the IP address",
        "its host key is another than the known one",
        "{trust} --changed",
    ),
    Case(
        "host_key_unknown",
        "host key is known for|[Hh]ost key verification failed|[Hh]ost key checking",
        "its host key is not known yet",
        "{trust}",
    ),
    Case(
        "sudo_refused",
        "sudo",
        "{user} may not use sudo without a password there",
        "{terminal} \"echo '{user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/{user}\"",
    ),
    Case(
        "key_refused",
        "[Pp]ermission denied|password is required|authentication|SSH password|password was",
        "it refuses the login of {user}",
        "ssh-copy-id {copy}",
    ),
    Case(
        "name_unknown",
        "resolve hostname|Name or service not known|Temporary failure in name resolution",
        "the name {destination} has no address",
        "getent hosts {destination}",
    ),
    Case("refused", "[Cc]onnection refused", "nothing answers at port {port}", "{ssh}"),
    Case(
        "no_route",
        "No route to host|Network is unreachable|[Hh]ost is down",
        "there is no way to {destination}: it is down, or in another network",
        "{near}ping -c 3 {destination}",
    ),
    Case(
        "silent",
        "[Tt]imed out|[Tt]imeout|timed_out",
        "{destination} does not answer: it is down, or something between drops packets",
        "{near}ping -c 3 {destination}",
    ),
    Case(
        "turned_away",
        "Not allowed at this time|kex_exchange_identification|Exceeded MaxStartups",
        "its ssh turns this machine away before a login",
        "wait half a minute, and see there: journalctl --unit ssh --lines 20",
    ),
    Case(
        "python_missing",
        "python3?: (No such file|not found|command not found)|No such file.*python3",
        "it has no python3",
        "{ssh} {sudo}apt-get install --yes python3",
    ),
    Case(
        "python_old",
        "gureum: python (?P<found>[0-9.]+)",
        "its python3 is too old",
        "take a newer system: Debian 12, Debian 13 or Ubuntu 24.04",
    ),
    Case(
        "ssh_configuration",
        "Bad configuration option|terminating, .* bad configuration",
        "ssh on this machine does not understand its own configuration",
        "ssh -G {destination}",
    ),
)
"""Every way to be refused, the telling ones first."""


def refusal(target: Target, said: str) -> Refused:
    """Return the error for a connection that failed with the words `said`."""
    words = {
        "user": target.user,
        "destination": target.destination,
        "port": target.port,
        "identity": target.identity or "",
        "ssh": shlex.join(target.ssh_command()),
        "terminal": shlex.join(["ssh", "-t", *target.ssh_command()[1:]]),
        "copy": shlex.join(_copy(target)),
        "near": f"ssh {shlex.quote(target.jumps[-1].host)} " if target.jumps else "",
        "sudo": "" if target.user == "root" else "sudo ",
        "trust": f"gureum host trust {target.name}",
    }
    if target.is_local:
        hint = "sudo -n true"
        meaning = "this machine cannot be used as root"
        return Refused(target, "sudo_refused", meaning, detail=own_words(said), hint=hint)
    case = next((c for c in CASES if re.search(c.said, said)), None)
    if case is None:
        case = Case("unreachable", "", "it cannot be reached", "{ssh}")
    return Refused(
        target,
        case.kind,
        case.meaning.format(**words),
        detail=own_words(said),
        hint=case.hint.format(**words),
    )


def _copy(target: Target) -> list[str]:
    """Return the arguments with which ssh-copy-id goes where ssh goes."""
    identity = ["-i", str(target.identity)] if target.identity else []
    port = ["-p", str(target.port)] if target.port != 22 else []
    return [*identity, *port, *target.way(), f"{target.user}@{target.destination}"]


_IDLE = re.compile(
    "last 100 lines|[Hh]int|Pseudo-terminal|port 65535|EOF on stream|^@|Add correct host key|"
    "has requested strict checking|IT IS POSSIBLE|Someone could be|It is also possible|contact your"
)
"""Lines of ssh and mitogen that tell a reader nothing."""


def own_words(said: str) -> str:
    """Return the lines of the connection's own error that are worth reading."""
    lines = [line.strip() for line in said.splitlines() if line.strip(" @\r")]
    kept = [line for line in lines if not _IDLE.search(line)]
    return "\n".join(kept[-5:])
