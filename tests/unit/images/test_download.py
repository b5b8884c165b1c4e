"""Downloads over a real server on the loopback that breaks off, changes and lies (R-LAB-3)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gureum.errors import ImageError
from gureum.images import download
from gureum.images.download import Expected, fetch
from gureum.images.progress import Progress

DATA = bytes(range(256)) * 4096


@dataclass
class Server:
    """What the server has and does: `cuts` are after how many bytes it hangs up, one by one."""

    data: bytes = DATA
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def right(self) -> Expected:
        return Expected("sha256", hashlib.sha256(self.data).hexdigest())


class Handler(BaseHTTPRequestHandler):
    server_of: Server

    def do_GET(self) -> None:
        here = self.server_of
        span, if_range = self.headers["Range"] or "", self.headers["If-Range"] or ""
        here.asked.append((span, if_range))
        if here.failures:
            self.send_error(here.failures.pop(0))
            return
        begin = 0
        if span and here.ranges and if_range in ("", here.etag, here.modified):
            begin = int(span.removeprefix("bytes=").rstrip("-"))
            if begin >= len(here.data):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header(
                "Content-Range", f"bytes {begin}-{len(here.data) - 1}/{len(here.data)}"
            )
        else:
            self.send_response(200)
        rest = here.data[begin:]
        self.send_header("Content-Length", str(len(rest)))
        if here.etag:
            self.send_header("ETag", here.etag)
        if here.modified:
            self.send_header("Last-Modified", here.modified)
        self.end_headers()
        if here.cuts:
            self.wfile.write(rest[: here.cuts.pop(0)])
            self.close_connection = True
            return
        self.wfile.write(rest)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    state = Server()
    handler = type("One", (Handler,), {"server_of": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        state.url = f"http://127.0.0.1:{running.server_port}/an-image.qcow2"
        yield state
        running.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "downloads" / "image"


def bring(server: Server, target: Path, expected: Expected | None) -> list[Progress]:
    told: list[Progress] = []
    fetch(server.url, target, expected, told.append, wait=0.0)
    return told


def left(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_a_download_that_is_cut_goes_on_where_it_stopped(server: Server, target: Path) -> None:
    server.cuts = [400_000, 300_000]
    told = bring(server, target, server.right)
    assert target.read_bytes() == DATA
    assert [span for span, _ in server.asked] == ["", "bytes=400000-", "bytes=700000-"]
    assert {mark for _, mark in server.asked[1:]} == {'"one"'}
    assert told[-1] == Progress("download", len(DATA), len(DATA), resumed=700_000)
    assert left(target) == ["image"]


def test_a_killed_run_is_taken_up_by_the_next(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    server.cuts = [500_000]
    with pytest.raises(ImageError, match="breaks off") as broken:
        bring(server, target, server.right)
    assert "kept" in broken.value.detail
    bring(server, target, server.right)
    assert target.read_bytes() == DATA
    assert server.asked[-1] == ("bytes=500000-", '"one"')


def test_another_file_by_now_is_fetched_from_its_beginning(server: Server, target: Path) -> None:
    server.cuts = [500_000]

    def tell(progress: Progress) -> None:
        if progress.done == 500_000 and server.etag == '"one"':
            server.data, server.etag = DATA[::-1], '"two"'

    newer = Expected("sha256", hashlib.sha256(DATA[::-1]).hexdigest())
    fetch(server.url, target, newer, tell, wait=0.0)
    assert target.read_bytes() == DATA[::-1]


def test_a_shorter_file_by_now_is_fetched_from_its_beginning(server: Server, target: Path) -> None:
    server.etag, server.modified = "", ""
    server.cuts = [500_000]
    shorter = DATA[:1000]

    def tell(progress: Progress) -> None:
        if progress.done == 500_000:
            server.data = shorter

    fetch(
        server.url, target, Expected("sha256", hashlib.sha256(shorter).hexdigest()), tell, wait=0.0
    )
    assert target.read_bytes() == shorter


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_mark_or_a_checksum_nothing_is_joined(
    server: Server, target: Path, etag: str
) -> None:
    server.etag = etag
    server.cuts = [500_000]
    bring(server, target, None)
    assert target.read_bytes() == DATA
    assert [span for span, _ in server.asked] == ["", ""]


def test_a_date_tells_versions_apart_too(server: Server, target: Path) -> None:
    server.etag, server.modified = "", "Sun, 22 Nov 2026 03:00:00 GMT"
    server.cuts = [500_000]
    bring(server, target, None)
    assert target.read_bytes() == DATA
    assert server.asked[-1] == ("bytes=500000-", server.modified)


def test_a_server_without_ranges_sends_all_of_it_again(server: Server, target: Path) -> None:
    server.ranges = False
    server.cuts = [500_000]
    bring(server, target, server.right)
    assert target.read_bytes() == DATA


def test_a_file_that_was_altered_is_refused_and_removed(server: Server, target: Path) -> None:
    right = server.right
    server.data = DATA[:-1] + b"x"
    with pytest.raises(ImageError, match="not what its checksum promises") as refused:
        bring(server, target, right)
    assert right.digest in refused.value.detail
    assert left(target) == []


def test_a_busy_server_is_asked_again(server: Server, target: Path) -> None:
    server.failures = [503, 429]
    bring(server, target, server.right)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("code", [403, 404])
def test_a_refusal_is_told_at_once(server: Server, target: Path, code: int) -> None:
    server.failures = [code]
    with pytest.raises(ImageError, match="does not give") as refused:
        bring(server, target, server.right)
    assert str(code) in refused.value.detail
    assert len(server.asked) == 1


def test_no_server_is_told_with_the_way_around(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    with pytest.raises(ImageError, match="cannot be reached") as refused:
        fetch("http://127.0.0.1:1/image", target, None, lambda _: None, wait=0.0)
    assert "--from FILE" in refused.value.hint
