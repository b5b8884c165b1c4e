"""VMs are counted over TLS that leads to the cloud's own authority, page by page."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gureum.operate.plain_api import PlainApi
from gureum.operate.vm_count import HOST, VmCount, count_vms
from gureum.state.authority import Authority
from gureum.state.folder import CloudFolder
from gureum.state.secrets import Secret

PAGES = {
    "": [("a", "ACTIVE", "one"), ("b", "ERROR", None)],
    "b": [("c", "ACTIVE", "one")],
    "c": [],
}


class Cloud(BaseHTTPRequestHandler):
    """Keystone and nova, as far as counting goes."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        password = body["auth"]["identity"]["password"]["user"]["password"]
        self.send_response(201 if password == "right" else 401)  # noqa: S105
        if password == "right":  # noqa: S105
            self.send_header("X-Subject-Token", "token")
        self.end_headers()

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        page = PAGES[query.get("marker", [""])[0]]
        assert query["all_tenants"] == ["1"]
        self.send_response(200 if self.headers["X-Auth-Token"] == "token" else 401)
        self.end_headers()
        servers = [{"id": name, "status": status, HOST: host} for name, status, host in page]
        self.wfile.write(json.dumps({"servers": servers}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> CloudFolder:
    return CloudFolder("c", tmp_path).make()


@pytest.fixture
def url(folder: CloudFolder, tmp_path: Path) -> Iterator[str]:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(Authority(folder).certificate("one", ["127.0.0.1"]).bundle)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(bundle)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def count(url: str, password: str, ca: Path) -> VmCount:
    return count_vms(PlainApi(url, Secret(password), ca), url)


def test_all_pages_are_counted(url: str, folder: CloudFolder) -> None:
    assert count(url, "right", folder.ca) == VmCount({"ACTIVE": 2, "ERROR": 1}, {"one": 2})


def test_a_refused_password_is_told(url: str, folder: CloudFolder) -> None:
    with pytest.raises(ValueError, match="keystone issued no token: HTTP status 401"):
        count(url, "wrong", folder.ca)


def test_another_authority_is_not_believed(url: str, folder: CloudFolder, tmp_path: Path) -> None:
    other = CloudFolder("other", tmp_path).make()
    Authority(other)
    with pytest.raises(ssl.SSLCertVerificationError):
        count(url, "right", other.ca)
    assert folder.ca.exists()
