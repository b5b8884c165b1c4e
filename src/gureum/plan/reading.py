"""Reads every step's present state, on all hosts at once, one round trip each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from gureum.remote import perform
from gureum.steps.step import Step

if TYPE_CHECKING:
    from gureum.hosts.session import Request, Session

Reading = dict[str, Any]


def read_steps(steps: Sequence[Step], sessions: Mapping[str, Session]) -> dict[str, Reading]:
    """Return the reading of every step whose host has a session, by key. Raises HostError."""
    by_host: dict[str, list[Request]] = {}
    for step in steps:
        if step.host in sessions:
            request = (step.key, step.state.kind, step.state.spec())
            by_host.setdefault(step.host, []).append(request)
    answers: list[Future[dict[str, Reading]]] = [
        sessions[host].submit(perform.read_many, requests) for host, requests in by_host.items()
    ]
    readings: dict[str, Reading] = {}
    for answer in answers:
        readings.update(answer.result())
    return readings
