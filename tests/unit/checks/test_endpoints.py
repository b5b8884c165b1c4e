"""Endpoints are asked through TLS against real servers on loopback."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from gureum.checks.endpoints import ask
from gureum.state.authority import Authority
from gureum.state.folder import CloudFolder


class Ok(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(300)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(bundle: Path | None) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Ok)
    if bundle:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(bundle)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def authority(root: Path, name: str) -> tuple[CloudFolder, Path]:
    folder = CloudFolder(name, root).make()
    bundle = Authority(folder).certificate("one", {"127.0.0.1"}).bundle
    path = folder.path / "bundle.pem"
    path.write_text(bundle)
    return folder, path


def test_an_endpoint_of_our_authority_answers(tmp_path: Path) -> None:
    """R-VERIFY-1: status, TLS version and the certificate's days are measured."""
    folder, bundle = authority(tmp_path, "ours")
    with serving(bundle) as port:
        answer = ask(f"https://127.0.0.1:{port}/v3", folder.ca)
    assert (answer.status, answer.error, answer.tls) == (300, "", "TLSv1.3")
    assert answer.days > 30


def test_a_certificate_of_another_authority_is_refused(tmp_path: Path) -> None:
    """R-VERIFY-1: an answer alone is no proof; the chain must lead to the cloud's own CA."""
    ours, _ = authority(tmp_path, "ours")
    _, bundle = authority(tmp_path, "theirs")
    with serving(bundle) as port:
        answer = ask(f"https://127.0.0.1:{port}/", ours.ca)
    assert "certificate verify failed" in answer.error


def test_plain_http_is_refused(tmp_path: Path) -> None:
    folder, _ = authority(tmp_path, "ours")
    with serving(None) as port:
        assert "not through TLS" in ask(f"http://127.0.0.1:{port}/", folder.ca).error


def test_a_closed_port_is_an_error_and_no_crash(tmp_path: Path) -> None:
    folder, _ = authority(tmp_path, "ours")
    with serving(None) as port:
        pass
    assert ask(f"https://127.0.0.1:{port}/", folder.ca).error.startswith("ConnectionRefusedError")
