"""The checks of dashboard and consoles, against real servers on the loopback with real TLS."""

from __future__ import annotations

import base64
import gzip
import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from gureum.checks import consoles, dashboard
from gureum.checks.check import Status
from gureum.checks.context import CheckContext
from gureum.checks.websocket import open_websocket, websocket_of
from gureum.state.authority import Authority
from gureum.state.folder import CloudFolder
from gureum.state.secrets import Secret

SCRIPT = "/static/dashboard/js/output.0123456789ab.js"
LOGIN = f"""<form><input type="hidden" name="csrfmiddlewaretoken" value="t0k&amp;en">
<input type="hidden" name="region" value="default" id="id_region"></form>
<script src="{SCRIPT}"></script>"""
VMS = b'<input name="csrfmiddlewaretoken" value="out"><span>admin</span><table id="instances"></table>'
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Site(BaseHTTPRequestHandler):
    """A dashboard and a console proxy in small; `flaws` of its server say what is broken."""

    protocol_version = "HTTP/1.1"

    @property
    def flaws(self) -> set[str]:
        return self.server.flaws  # type: ignore[attr-defined,no-any-return]

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if "Upgrade" in self.headers:
            self._websocket()
        elif path == SCRIPT:
            body, extra = gzip.compress(b"run();"), {"Content-Encoding": "gzip"}
            if "plain" in self.flaws:
                body, extra = b"run();", {}
            if "forgotten" not in self.flaws:
                extra["Cache-Control"] = "public, max-age=31536000, immutable"
            self._send(200, body, {"Content-Type": "text/javascript", **extra})
        elif path == "/vnc_lite.html":
            self._send(200, b"import RFB from './core/rfb.js';")
        elif path == "/auth/login/":
            body, extra = LOGIN.encode(), {"Set-Cookie": "c=1; Path=/"}
            if "gzip" in self.headers.get("Accept-Encoding", "") and "long" not in self.flaws:
                body, extra = gzip.compress(body), {**extra, "Content-Encoding": "gzip"}
            self._send(500 if "down" in self.flaws else 200, body, extra)
        elif "session=yes" in self.headers.get("Cookie", ""):
            said = b"Unable to retrieve instances." if "deaf" in self.flaws else b""
            self._send(200, VMS + said)
        else:
            self._send(302, b"", {"Location": "/auth/login/?next=/"})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.path == "/auth/logout/":
            self._send(302 if form["csrfmiddlewaretoken"] == ["out"] else 403, b"")
            return
        right = (
            form["csrfmiddlewaretoken"] == ["t0k&en"]
            and "c=1" in self.headers["Cookie"]
            and self.headers["Referer"].startswith("https://")
            and form["password"] == ["secret pa&ss"]
        )
        if not right:
            self._send(200, b'<div class="alert alert-danger"><p>Invalid credentials.</p></div>')
            return
        self._send(302, b"", {"Location": "/", "Set-Cookie": "session=yes; Path=/"})

    def _websocket(self) -> None:
        if "no websockets" in self.flaws:
            self._send(400, b"")
            return
        key = (self.headers["Sec-WebSocket-Key"] + GUID).encode()
        accept = base64.b64encode(hashlib.sha1(key, usedforsecurity=False).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        known = "token=right" in self.path or "open door" in self.flaws
        self.wfile.write(b"\x82\x0cRFB 003.008\n" if known else b"\x88\x02\x03\xf3")
        self.close_connection = True

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Any]:
    """Return a function (flaws) -> the context of a cloud that is served so."""
    folder = CloudFolder("cloud", tmp_path).make()
    bundle = folder.path / "bundle.pem"
    bundle.write_text(Authority(folder).certificate("one", {"127.0.0.1"}).bundle)

    @contextmanager
    def serve(*flaws: str) -> Iterator[CheckContext]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
        server.flaws = set(flaws)  # type: ignore[attr-defined]
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(bundle)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        url = f"https://127.0.0.1:{server.server_port}/"
        try:
            yield CheckContext(
                cloud="cloud",
                clouds_yaml=folder.clouds_yaml,
                ca=folder.ca,
                admin=("admin", Secret("secret pa&ss")),
                dashboard=url,
                consoles=url,
            )
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    return serve


def test_the_form_lets_the_administrator_in(site: Any) -> None:
    """R-SVC-8: with the form's own token, cookies and a referer, as a browser has them."""
    with site() as context:
        found = dashboard.log_in(context)
        assert found.status is Status.PASS, found.summary
        assert [e.command.split()[0] for e in found.evidence] == ["GET", "log", "GET", "log"]
        context.admin = ("admin", Secret("wrong"))
        found = dashboard.log_in(context)
    assert found.status is Status.FAIL
    assert found.summary == "the login as admin is refused: Invalid credentials."


def test_a_broken_login_page_fails(site: Any) -> None:
    with site("down") as context:
        found = dashboard.log_in(context)
    assert (found.status, "answers 500" in found.summary) == (Status.FAIL, True)


def test_a_list_of_vms_that_could_not_be_asked_for_fails(site: Any) -> None:
    """R-SVC-8: a page that comes but cannot reach nova is no dashboard."""
    with site("deaf") as context:
        found = dashboard.log_in(context)
    assert found.status is Status.FAIL
    assert "Unable to retrieve instances." in found.summary


def test_scripts_come_compressed_and_are_kept(site: Any) -> None:
    """R-SVC-8"""
    with site() as context:
        assert dashboard.files(context).status is Status.PASS
    for flaw, said in (
        ("plain", "not compressed"),
        ("forgotten", "not told to keep"),
        ("long", "auth/login/?next=/ is not compressed"),
    ):
        with site(flaw) as context:
            found = dashboard.files(context)
        assert (found.status, said in found.summary) == (Status.FAIL, True)


def test_a_console_opens_with_a_real_token_only(site: Any) -> None:
    """R-OPS-7"""
    with site() as context:
        assert consoles.run(context).status is Status.PASS
        page = f"{context.consoles}vnc_lite.html?path=%3Ftoken%3Dright"
        opened = open_websocket(websocket_of(page), context.ca)
        assert (opened.status, opened.message) == (101, b"RFB 003.008\n")
        refused = open_websocket(websocket_of(page.replace("right", "no")), context.ca)
        assert (refused.message, refused.closed) == (b"", 1011)
    for flaw, said in (("open door", "opens a console"), ("no websockets", "answered 400")):
        with site(flaw) as context:
            found = consoles.run(context)
        assert (found.status, said in found.summary) == (Status.FAIL, True)


def test_a_cloud_without_pages_skips(tmp_path: Path) -> None:
    context = CheckContext(cloud="c", clouds_yaml=tmp_path / "c", ca=tmp_path / "ca")
    for run in (dashboard.log_in, dashboard.files, consoles.run):
        assert run(context).status is Status.SKIP
