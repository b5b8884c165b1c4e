"""Asks several hosts at once, one call each; a host that is down is told and stops nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gureum.errors import HostError
from gureum.operate.deployment import Deployment
from gureum.operate.status import places

TIMEOUT = 20.0

Question = tuple[Any, ...]
"""A function of `gureum.remote` and its arguments."""


def ask(
    deployment: Deployment, questions: Mapping[str, Question]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the answers by host, and for hosts without an answer why there is none."""
    from gureum.hosts import Connections

    targets, errors, _ = places(deployment)
    unreachable = {host: why for host, why in errors.items() if host in questions}
    answers: dict[str, Any] = {}
    with Connections() as connections:
        sessions, refused = connections.try_open([t for t in targets if t.name in questions])
        unreachable |= {host: error.summary for host, error in refused.items()}
        jobs = {h: session.submit(*questions[h]) for h, session in sessions.items()}
        for host, job in jobs.items():
            try:
                answers[host] = job.result(TIMEOUT)
            except TimeoutError:
                unreachable[host] = f"did not answer within {TIMEOUT:.0f} s"
            except HostError as error:
                unreachable[host] = error.summary
    return answers, unreachable
