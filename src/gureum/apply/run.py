"""Applies a plan: brings every step about, in parallel, and keeps a journal of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence

from gureum.apply.events import Event, RunFinished, RunStarted, Status
from gureum.apply.journal import Journal
from gureum.apply.result import Result
from gureum.apply.walk import Walk
from gureum.hosts.session import Session
from gureum.plan.graph import Graph
from gureum.plan.make import make_plan
from gureum.plan.plan import Plan
from gureum.plan.reading import read_steps
from gureum.steps.step import Step

JOBS = 32


def run(
    steps: Sequence[Step],
    sessions: Mapping[str, Session],
    *,
    journal: Journal,
    emit: Callable[[Event], None],
    plan: Plan | None = None,
    redact: Callable[[str], str] = str,
    jobs: int = JOBS,
    ssh: Callable[[str], str] = "gureum ssh {}".format,
) -> Result:
    """Bring all steps about and return how each ended; `jobs` limits the steps at once on a host.

    `ssh` returns the words by which a person gets to a host, for hints that name what to type there.

    Without a plan the hosts are read first. A step that the plan finds in order, and whose needs
    did not change, is not looked at again. Ctrl-C stops it: running steps get a moment to end, and
    the next run goes on. Raises GureumError where another run holds the cloud.
    """
    with journal.lock():
        began = time.monotonic()
        graph = Graph(steps)
        if plan is None:
            readings = read_steps(steps, sessions)
            plan = make_plan(steps, readings, redact=redact, owed=journal.owed())
        identity = time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(2)
        walk = Walk(
            graph,
            sessions,
            plan=plan,
            journal=journal,
            emit=emit,
            redact=redact,
            jobs=jobs,
            ssh=ssh,
        )
        journal.begin(identity, len(graph.steps))
        hosts = tuple(sorted({step.host for step in steps}))
        known = any(step.key in journal.durations() for step in plan.changes)
        expected = max(walk.remaining.values(), default=0.0) if known else 0.0
        emit(RunStarted(identity, len(graph.steps), hosts, expected))
        walk.to_the_end()
        result = Result(identity, walk.ends, time.monotonic() - began, walk.stopped)
        counts = result.counts()
        left = len(graph.steps) - len(walk.ends)
        if left:
            counts[Status.STOPPED] = counts.get(Status.STOPPED, 0) + left
        names = {status.value: count for status, count in counts.items()}
        journal.end(identity, names, result.seconds, walk.stopped)
        emit(RunFinished(identity, counts, result.seconds, walk.stopped))
        return result
