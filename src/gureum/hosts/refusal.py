"""Says plainly why a host could not be reached: which host, which user, what was refused."""

from __future__ import annotations

import re
import shlex

from gureum.errors import HostError
from gureum.hosts.target import Target

CASES: tuple[tuple[str, str, str], ...] = (
    ("sudo", "{user} may not use sudo without a password there", "{ssh} sudo -n true"),
    (
        "host key|REMOTE HOST IDENTIFICATION",
        "its host key is not the known one, or not known yet",
        "{ssh}   (compare the key, then accept it; a host made anew: ssh-keygen -R {address})",
    ),
    (
        "[Pp]ermission denied|password is required|authentication|SSH password",
        "it refuses the login of {user}",
        "ssh-copy-id -p {port} {user}@{address}",
    ),
    ("[Cc]onnection refused", "nothing answers at port {port}", "{ssh}"),
    (
        "resolve hostname|Name or service not known",
        "the name {address} has no address",
        "getent hosts {address}",
    ),
    (
        "No route to host|Network is unreachable",
        "there is no route to {address}",
        "ip route get {address}",
    ),
    ("[Tt]imed out|[Tt]imeout", "{address} does not answer", "ping -c 3 {address}"),
    (
        "python3?: (No such file|not found|command not found)",
        "it has no python3",
        "{ssh} apt-get install --yes python3",
    ),
)
"""What the connection said -> what that means -> what to run."""


def refusal(target: Target, said: str) -> HostError:
    """Return the error for a connection that failed with the words `said`."""
    words = {
        "user": target.user,
        "address": target.address,
        "port": target.port,
        "ssh": shlex.join(target.ssh_command()),
    }
    unknown = ("it cannot be reached", "{ssh}")
    known = ((meaning, hint) for pattern, meaning, hint in CASES if re.search(pattern, said))
    meaning, hint = next(known, unknown)
    if target.is_local:
        meaning, hint = "this machine cannot be used as root", "sudo -n true"
    return HostError(
        f"host {target.name} ({target.where()}): {meaning.format(**words)}",
        detail=_own_words(said),
        hint=hint.format(**words),
    )


def _own_words(said: str) -> str:
    """Return the lines of the connection's own error that are worth reading."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    kept = [line for line in lines if "last 100 lines" not in line and "hint" not in line.lower()]
    return "\n".join(kept[-5:])
