"""Knocking at ports: open, refused and silent are told apart, all in one wait."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

from gureum.remote.knock import OPEN, REFUSED, SILENT, knock


def test_open_refused_and_silent_are_told_apart() -> None:
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        # A server that takes nobody in and whose queue is full answers as little as a firewall.
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with socket.create_server(("127.0.0.1", 0)) as gone:
            free = gone.getsockname()[1]
        wanted = {listening.getsockname()[1]: OPEN, free: REFUSED, full.getsockname()[1]: SILENT}
        began = time.monotonic()
        found = knock([("127.0.0.1", port) for port in wanted], 0.3)
        assert time.monotonic() - began < 3
    assert found == {f"127.0.0.1:{port}": answer for port, answer in wanted.items()}
