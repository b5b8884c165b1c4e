"""Serves a bundle over HTTP: the files that its manifest names, and nothing else of the folder."""

from __future__ import annotations

import contextlib
import errno
import http.server
import posixpath
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlparse

from gureum.bundle import manifest as manifests
from gureum.bundle.manifest import CHUNK
from gureum.errors import BundleError

DEFAULT_PORT = 8480
_TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json"}
_PAGES = {"wheels/": manifests.PAGE, "": manifests.NAME}

Say = Callable[[str], None]


class Server(http.server.ThreadingHTTPServer):
    """A server of one bundle; each connection has a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path, address: tuple[str, int], say: Say | None = None) -> None:
        manifests.read(folder)
        self.folder = folder.resolve()
        self.say = say
        self._known: tuple[int, frozenset[str]] = (0, frozenset())
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def path_of(self, asked: str) -> Path | None:
        """Return the file that a request may have: one that the manifest names, or itself."""
        name = posixpath.normpath(unquote(urlparse(asked).path)).lstrip("/")
        name = "" if name == "." else name
        name = _PAGES.get(f"{name}/" if name else "", name)
        if name != manifests.NAME and name not in self._names():
            return None
        return self.folder / name

    def _names(self) -> frozenset[str]:
        """Return the manifest's files, read again where `bundle create` has renewed it."""
        stamp = (self.folder / manifests.NAME).stat().st_mtime_ns
        with self._lock:
            if self._known[0] != stamp:
                self._known = (stamp, frozenset(manifests.read(self.folder).by_path))
            return self._known[1]


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers GET and HEAD for files; anything else is refused."""

    server: Server
    server_version = "gureum"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        try:
            path = self.server.path_of(self.path)
        except (OSError, BundleError):
            path = None
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND, "no file of the bundle")
            return
        try:
            source = path.open("rb")
        except OSError:
            self.send_error(HTTPStatus.GONE, "the bundle has lost this file")
            return
        with source:
            size = path.stat().st_size
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", _TYPES.get(path.suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(size))
            self.send_header("Last-Modified", formatdate(path.stat().st_mtime, usegmt=True))
            self.end_headers()
            if body:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    shutil.copyfileobj(source, self.wfile, CHUNK)

    def log_message(self, format: str, *args: object) -> None:
        if self.server.say is not None:
            self.server.say(f"{self.client_address[0]} {format % args}")


def open_server(folder: Path, address: str, port: int, say: Say | None = None) -> Server:
    """Return a server that listens; raises BundleError where it cannot."""
    try:
        return Server(folder, (address, port), say)
    except OSError as error:
        told = (
            "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        )
        raise BundleError(
            f"cannot listen on {address}:{port}: {told}",
            hint=f"gureum bundle serve {folder} --listen {address}:{port + 1}"
            if error.errno == errno.EADDRINUSE
            else f"ss -ltnp 'sport = :{port}'",
        ) from None


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a bundle on the loopback, on a free port, while the context is open."""
    server = open_server(folder, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def addresses(address: str) -> list[str]:
    """Return the addresses of this machine that a server listening on `address` is reached at."""
    if address not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return [address]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: the kernel tells which of its addresses would be used.
        probe.connect(("192.0.2.1", 9))
        return [str(probe.getsockname()[0])]
    return ["127.0.0.1"]


def listening_on(text: str) -> tuple[str, int]:
    """Return address and port of `ADDRESS:PORT`, `ADDRESS` or `:PORT`; raises BundleError."""
    address, colon, port = text.rpartition(":")
    if not colon:
        address, port = text, str(DEFAULT_PORT)
    if not port.isdigit() or not 0 <= int(port) <= 65535:
        raise BundleError(
            f"{text!r} is no address and port to listen on",
            hint=f"e.g. --listen 192.0.2.5:{DEFAULT_PORT}",
        )
    return address or "0.0.0.0", int(port)  # noqa: S104 - asked for in so many words
