"""Tries TCP ports from here, many at once: who listens, who refuses, and who keeps silent."""

from __future__ import annotations

import errno
import selectors
import socket
import time

OPEN, REFUSED, SILENT = "open", "refused", "silent"


def knock(places: list[tuple[str, int]], patience: float = 1.0) -> dict[str, str]:
    """Return `address:port` -> open, refused or silent; a port behind a firewall keeps silent.

    All are tried at once, so that it takes `patience` seconds in all and not for each.
    """
    found: dict[str, str] = {}
    with selectors.DefaultSelector() as waiting:
        for address, port in places:
            knocking = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            knocking.setblocking(False)
            place = f"{address}:{port}"
            found[place] = SILENT
            began = knocking.connect_ex((address, port))
            if began == errno.EINPROGRESS:
                waiting.register(knocking, selectors.EVENT_WRITE, place)
            else:
                found[place] = _answer(began)
                knocking.close()
        until = time.monotonic() + patience
        while waiting.get_map() and time.monotonic() < until:
            for key, _ in waiting.select(until - time.monotonic()):
                answering = key.fileobj
                assert isinstance(answering, socket.socket)
                found[key.data] = _answer(answering.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
                waiting.unregister(answering)
                answering.close()
        for key in list(waiting.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
    return found


def _answer(error: int) -> str:
    if not error:
        return OPEN
    return REFUSED if error == errno.ECONNREFUSED else SILENT
