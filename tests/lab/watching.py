"""Watches a cloud from outside while something happens to it: its APIs, and a VM's answers to ping."""

from __future__ import annotations

import http.client
import itertools
import re
import ssl
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

EVERY = 0.1
"""Seconds between two requests to an API, and between two pings."""
PATIENCE = 60.0
PAGES = {
    "keystone-api": "/v3/users?name=admin",
    "glance-api": "/v2/images?limit=1",
    "placement-api": "/resource_providers",
    "nova-api": "/v2.1/servers?limit=1",
    "neutron-api": "/v2.0/networks?limit=1&fields=id",
    "nova-metadata": "/",
}
"""API unit -> what is asked of it with a token, turn by turn with its version page."""


@dataclass(frozen=True)
class Answer:
    """A request: when it began, how long it took (seconds), and its status or what went wrong."""

    api: str
    began: float
    seconds: float
    said: str

    @property
    def good(self) -> bool:
        """Whether the API answered what it answers in order."""
        return self.said in ("200", "300")


class ApiWatch:
    """Asks every API all the time, each by a thread of its own that waits for each answer."""

    def __init__(self, urls: Mapping[str, str], cafile: str, token: str) -> None:
        self.answers: list[Answer] = []
        self.watched = tuple(api for api in urls if api in PAGES)
        self._tls = ssl.create_default_context(cafile=cafile)
        self._token = token
        self._end = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(api, urls[api])) for api in self.watched
        ]

    def __enter__(self) -> ApiWatch:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def between(self, began: float, ended: float) -> list[Answer]:
        """Return the requests of which some part lies in this time."""
        return [a for a in self.answers if a.began <= ended and a.began + a.seconds >= began]

    def _ask(self, api: str, url: str) -> None:
        at = urllib.parse.urlsplit(url)
        turn = 0
        while not self._end.wait(EVERY):
            turn += 1
            began = time.monotonic()
            said = self._once(at.hostname or "", at.port or 443, PAGES[api] if turn % 2 else "/")
            self.answers.append(Answer(api, began, time.monotonic() - began, said))

    def _once(self, host: str, port: int, path: str) -> str:
        connection = http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=self._tls)
        try:
            connection.request("GET", path, headers={"X-Auth-Token": self._token})
            answer = connection.getresponse()
            answer.read()
            return str(answer.status)
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            connection.close()


class PingWatch:
    """Pings an address all the time and keeps when each answer came."""

    def __init__(self, address: str) -> None:
        self.answers: list[float] = []
        self._argv = ("ping", "-n", "-D", "-i", str(EVERY), "-W", "2", address)

    def __enter__(self) -> PingWatch:
        self._ping = subprocess.Popen(self._argv, stdout=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ping.terminate()
        self._thread.join()
        self._ping.wait()
        assert self._ping.stdout is not None
        self._ping.stdout.close()

    def longest_silence(self, began: float, ended: float) -> float:
        """Return the longest time (seconds) without an answer; both times are `time.monotonic`."""
        times = [began, *(t for t in self.answers if began <= t <= ended), ended]
        return max(b - a for a, b in itertools.pairwise(times))

    def _read(self) -> None:
        assert self._ping.stdout is not None
        for line in self._ping.stdout:
            # The line's own time: this thread may be late, and that is no silence of the VM.
            if found := re.match(r"\[([0-9.]+)\] \d+ bytes from", line):
                self.answers.append(float(found[1]) - time.time() + time.monotonic())
