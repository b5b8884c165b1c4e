"""The address of a VM's console as text: the address alone on stdout, what to know of it beside."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from gureum.operate.console import Console
from gureum.state.folder import CloudFolder
from gureum.views.data import Line


def lines(console: Console) -> Iterator[Line]:
    """Yield the address, so that a program may take it as it is."""
    yield console.url, ""


def aside(console: Console, folder: CloudFolder) -> None:
    """Say on stderr how long the address holds and how a browser gets there."""
    seconds = console.opens_for_seconds
    told = [
        f"the console of {console.server}: open it within {seconds} s; once open it stays open",
        f"a browser trusts it that knows {folder.ca}",
    ]
    if console.tunnel:
        host = urlsplit(console.url).hostname
        told.append(f"from another machine: {console.tunnel}, then localhost in place of {host}")
    for line in told:
        print(line, file=sys.stderr)
