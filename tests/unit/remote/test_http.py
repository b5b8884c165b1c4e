"""Waiting for a URL."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from gureum.remote import http as state
from gureum.remote.failure import Failure
from gureum.steps.states import HttpAnswers


class Answer(http.server.BaseHTTPRequestHandler):
    left: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        status = self.left.pop(0) if self.left else 200
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x?y=z"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_waits_until_the_answer_is_a_wanted_one(url: str) -> None:
    """503 from a proxy without a backend is not an answer yet."""
    Answer.left[:] = [503, 503]
    spec = HttpAnswers(url=url).spec()
    *_, last = state.change(spec, {})
    assert last["reading"]["answers"]


def test_what_never_answers_tells_the_last_answer(url: str) -> None:
    """The status that kept coming is the evidence."""
    Answer.left[:] = [500] * 100
    with pytest.raises(Failure, match=r"does not answer after 0 s: 500"):
        state.change(HttpAnswers(url=url, within=0.2).spec(), {})
