"""Lets this machine reach an API by a name that only the cloud knows (R-CONF-4).

The hosts have the API's name in their /etc/hosts. Whoever builds the cloud need not have it in a
name server yet, and gureum writes nothing into this machine's own files.
"""

from __future__ import annotations

import runpy
import socket
import sys
from collections.abc import Mapping
from typing import Any

_SYSTEM = socket.getaddrinfo


def pin(names: Mapping[str, str]) -> None:
    """Have this process reach each of `names` at its address, whatever a name server says.

    TLS is verified all the same, against the cloud's own authority and for the name. Names pinned
    before are forgotten; none at all leaves resolving to the system.
    """
    if not names:
        socket.getaddrinfo = _SYSTEM
        return
    known = dict(names)

    def resolve(host: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return _SYSTEM(known.get(name, host), *arguments, **named)

    socket.getaddrinfo = resolve


def main(arguments: list[str]) -> None:
    """Run a Python script with names pinned: `NAME=ADDRESS… SCRIPT ARGUMENTS…`."""
    names = {}
    while arguments and "=" in arguments[0] and "/" not in arguments[0]:
        name, _, address = arguments.pop(0).partition("=")
        names[name] = address
    pin(names)
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
