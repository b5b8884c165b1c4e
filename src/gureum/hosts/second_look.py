"""A second look at a host that could not be used: plain ssh says what mitogen keeps to itself."""

from __future__ import annotations

import re
import socket
import subprocess

from gureum.hosts.openssh import resolve
from gureum.hosts.refusal import Refused, refusal
from gureum.hosts.target import Target

OLDEST = (3, 9)
"""The oldest Python that can run what gureum sends to hosts."""
TCP_TIMEOUT = 3.0
_PLAIN = re.compile(
    "[Pp]ermission denied|SSH authentication is incorrect|SSH password was requested"
)
_SCRIPT = """\
echo gureum: here
test -x /usr/bin/python3 || echo 'gureum: python3: not found'
/usr/bin/python3 -c 'import sys; print("gureum: version", *sys.version_info[:3])' 2>&1
test "$(id -u)" = 0 || sudo -n true 2>&1 | sed 's/^/gureum: sudo: /'
"""


def looked_again(target: Target, said: str) -> Refused:
    """Return why a connection failed that ended with the words `said`.

    Where these tell nothing sure, ssh itself is run once: it tells a changed host key from an
    unknown one, and what is missing on a host that lets us in.
    """
    first = refusal(target, said)
    if target.is_local or _PLAIN.search(said) or first.kind in ("refused", "no_route", "silent"):
        return first
    try:
        done = subprocess.run(
            ["ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
             *target.ssh_options(), *target.ssh_command()[1:], _SCRIPT],
            capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, check=False,
            errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        return refusal(target, f"{said}\n{error}")
    if "gureum: here" not in done.stdout:
        return refusal(target, done.stderr or said)
    return _inside(target, done.stdout, said)


def _inside(target: Target, out: str, said: str) -> Refused:
    """Return what is wrong on a host that ssh itself can log in to."""
    version = re.search(r"gureum: version (\d+) (\d+) (\d+)", out)
    if "python3: not found" in out or version is None:
        return refusal(target, "/usr/bin/python3: not found")
    numbers = tuple(map(int, version.groups()))
    if numbers[:2] < OLDEST:
        spelt = ".".join(map(str, numbers))
        return refusal(target, f"gureum: python {spelt} is there, 3.9 is the oldest that will do")
    if "gureum: sudo: " in out:
        return refusal(target, out[out.index("gureum: sudo: ") + 8 :].replace("gureum: ", ""))
    return refusal(target, said)


def silence(target: Target) -> Refused | None:
    """Return why nothing answers at a host's port, None where something does or none can tell.

    ssh itself gives a silent host as long as a busy one.
    """
    if target.is_local or target.jumps:
        return None
    way = resolve(target.destination, target.user, target.port)
    if way.indirect:
        return None
    try:
        socket.create_connection((way.hostname, way.port), timeout=TCP_TIMEOUT).close()
    except OSError as error:
        return refusal(target, f"connect to {way.hostname} port {way.port}: {_words(error)}")
    return None


def _words(error: OSError) -> str:
    return "timed out" if isinstance(error, TimeoutError) else str(error.strerror or error)
