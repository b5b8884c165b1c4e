"""Asks a host for its clock while it is being asked for all else (R-PREP-6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Protocol

from gureum.checks.clocks import judged
from gureum.operate.health import HostHealth
from gureum.remote import probes

TIMEOUT = 10.0


class Asked(Protocol):
    """A host that is asked without waiting for its answer (a `Session` is one)."""

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Start `function(*args)` on the host and return its future result."""


def asked_clock(session: Asked) -> Callable[..., HostHealth]:
    """Ask a host for its clock, and return what adds the answer to its health.

    The moment of the answer is kept, for what else is asked of the host may take longer.
    """
    began = time.time()
    answered: list[float] = []
    job = session.submit(probes.clock)
    job.add_done_callback(lambda _: answered.append(time.time()))

    def told(host: HostHealth, *, follows: bool) -> HostHealth:
        answer = job.result(TIMEOUT)
        middle = (began + next(iter(answered), time.time())) / 2
        # Where chronyd does not answer, its unit is down and told of as such.
        wrong = () if "error" in answer else judged(host.name, answer, follows=follows)
        ahead = round(answer["time"] - middle, 3)
        return replace(host, offset=answer.get("offset"), clock=tuple(wrong), ahead=ahead)

    return told
