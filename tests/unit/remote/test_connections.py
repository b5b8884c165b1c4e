"""Who is connected to whom, by real sockets of this very process."""

from __future__ import annotations

import socket
from pathlib import Path

from gureum.remote.connections import established


def test_a_connection_within_the_host_shows_both_ends_with_their_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = server.accept()
            with accepted:
                ours = [one for one in established() if port in (one["port"], one["peer"]["port"])]
                name = Path("/proc/self/comm").read_text().strip()
                assert {one["port"] for one in ours} == {port, client.getsockname()[1]}
                assert {one["process"] for one in ours} == {name}
                assert {one["peer"]["process"] for one in ours} == {name}


def test_ipv4_through_an_ipv6_socket_looks_like_ipv4() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            with accepted:
                [served] = [one for one in established() if one["port"] == port]
                assert served["address"] == "127.0.0.1"
                assert served["peer"]["process"]
