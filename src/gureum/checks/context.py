"""What checks are given: the hosts, the API, and what is expected where."""

from __future__ import annotations

import re
import shlex
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gureum.checks.check import Evidence
from gureum.checks.client import connect
from gureum.checks.expected import Expected
from gureum.services.firewall_rules import Door
from gureum.state.secrets import Secret


class Caller(Protocol):
    """A connected host: runs functions of `gureum.remote` there (a `Session` is one)."""

    def call(self, function: Callable[..., Any], *args: Any, timeout: float | None = None) -> Any:
        """Run `function(*args)` on the host and return its result."""


ASK_TIMEOUT = 30.0
"""Seconds within which a host must answer a question."""


@dataclass
class CheckContext:
    """One cloud under examination.

    `hosts` are connected hosts by name, `clouds_yaml` and `cloud` say how the API is reached, `ca`
    is the certificate that its TLS must lead to. `time_servers` tells whether the controllers
    follow anyone; `memory_limit_mb` is what an idle cloud may take, None for no limit;
    `queue_admin` is RabbitMQ's administrator (name, password), `admin` the cloud's. `dashboard` and
    `consoles` are the addresses of these pages, empty where there are none. `objects` is
    the object store's, and `objects_key` the key of its own administrator where it asks no
    keystone. `keeps_keys` tells whether cinder has a manager of keys. `addresses` are the
    management addresses by host, `doors` the ports that the hosts serve to others, none without a
    firewall; `one_is_here` tells that this machine is one of the hosts. `ssh` returns the words by
    which a person gets to a host, `logs` those by which the logs of a unit are shown.
    """

    cloud: str
    clouds_yaml: Path
    ca: Path
    hosts: Mapping[str, Caller] = field(default_factory=dict)
    expected: Expected = field(default_factory=Expected)
    time_servers: bool = False
    memory_limit_mb: int | None = None
    queue_admin: tuple[str, Secret] | None = None
    ssh: Callable[[str], str] = "gureum ssh {}".format
    logs: Callable[[str], str] = "gureum logs {}".format
    admin: tuple[str, Secret] | None = None
    dashboard: str = ""
    consoles: str = ""
    objects: str = ""
    objects_key: Secret | None = None
    keeps_keys: bool = False
    addresses: Mapping[str, str] = field(default_factory=dict)
    doors: tuple[Door, ...] = ()
    one_is_here: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _connection: Any = field(default=None, repr=False)

    @property
    def api(self) -> Any:
        """The administrator's openstacksdk connection, made on first use and shared."""
        with self._lock:
            if self._connection is None:
                self._connection = connect(self.clouds_yaml, self.cloud)
            return self._connection

    def ask(self, host: str, function: Callable[..., Any], *args: Any) -> tuple[Any, Evidence]:
        """Return what `function` answers on `host`, with the evidence of having asked."""
        began = time.monotonic()
        answer = self.hosts[host].call(function, *args, timeout=ASK_TIMEOUT)
        name = f"{function.__module__.removeprefix('gureum.remote.')}.{function.__qualname__}"
        seconds = time.monotonic() - began
        return answer, Evidence(command=name, host=host, output=brief(answer), seconds=seconds)

    def there(self, found: Sequence[str], *words: str) -> str:
        """Return the line that runs `words` on the host which the first finding begins with.

        Without one it is the first host of all: whatever is asked about the whole cloud.
        """
        first = re.match(r"[\w.-]*", next(iter(found), ""))
        named = first[0] if first else ""
        host = named if named in self.hosts else next(iter(self.hosts), "HOST")
        return f"{self.ssh(host)} {shlex.join(words)}"

    def ask_all(
        self, function: Callable[..., Any], *args: Any
    ) -> tuple[dict[str, Any], tuple[Evidence, ...]]:
        """Ask every host the same; answers by host, and the evidence."""
        answers: dict[str, Any] = {}
        evidence = []
        for host in self.hosts:
            answers[host], looked = self.ask(host, function, *args)
            evidence.append(looked)
        return answers, tuple(evidence)


def brief(answer: Any) -> str:
    """Return an answer as one readable text, cut where it would fill the screen."""
    text = str(answer)
    return text if len(text) <= 2000 else f"{text[:2000]}… ({len(text)} characters)"
