"""Walks the graph of steps over all hosts, as many at once as nothing forbids."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from gureum.apply.events import Event, Problem, Status, StepFinished, StepStarted
from gureum.apply.journal import Journal
from gureum.apply.outcome import outcome_of
from gureum.apply.outside import proven
from gureum.hosts.session import Session
from gureum.plan.action import Action
from gureum.plan.graph import Graph
from gureum.plan.plan import Plan
from gureum.remote import perform
from gureum.steps.step import Step

SPARE = 20.0
"""Seconds beyond a step's own time limit that its host has to say how it ended."""
GRACE = 8.0
"""Seconds that running steps have to end after the apply was told to stop."""


@dataclass
class Running:
    """A step that a host works on."""

    began: float
    until: float
    lock: tuple[str, str] | None


class Walk:
    """One walk over the graph. A failed step skips what needs it; everything else goes on."""

    def __init__(
        self,
        graph: Graph,
        sessions: Mapping[str, Session],
        *,
        plan: Plan,
        journal: Journal,
        emit: Callable[[Event], None],
        redact: Callable[[str], str],
        jobs: int,
        ssh: Callable[[str], str],
    ) -> None:
        self.ends: dict[str, StepFinished] = {}
        self.stopped = False
        self._graph = graph
        self._sessions = sessions
        self._plan = plan.by_key
        self._journal = journal
        self._emit = emit
        self._redact = redact
        self._jobs = jobs
        self._ssh = ssh
        self._owed = journal.owed()
        self._durations = journal.durations()
        due = {step.key for step in plan.changes}
        self.remaining = graph.remaining(self._durations, due)
        self._open = {key: len(needs) for key, needs in graph.before.items()}
        self._ready = [key for key, needs in self._open.items() if not needs]
        self._running: dict[str, Running] = {}
        self._lost_hosts: dict[str, str] = {}
        self._answers: queue.SimpleQueue[tuple[str, Future[Any]]] = queue.SimpleQueue()

    def to_the_end(self) -> None:
        """Walk until nothing is left to do, or until the first KeyboardInterrupt."""
        try:
            self._loop()
        except KeyboardInterrupt:
            self.stopped = True
            self._drain()

    def _loop(self) -> None:
        while self._ready or self._running:
            self._start_ready()
            if self._running:
                self._take_answers()

    def _start_ready(self) -> None:
        """Start or settle ready steps, the one with the longest way behind it first."""
        while True:
            self._ready.sort(key=self.remaining.__getitem__, reverse=True)
            waiting, self._ready = self._ready, []
            blocked = [key for key in waiting if not self._settle(key) and not self._start(key)]
            settled_more = bool(self._ready)
            self._ready += blocked
            if not settled_more:
                return

    def _settle(self, key: str) -> bool:
        """End a step that nothing has to be done for on its host; return whether it ended."""
        step = self._graph.steps[key]
        bad = [
            self.ends[need] for need in self._graph.before[key] if not self.ends[need].status.good
        ]
        if bad:
            self._end(step, Status.SKIPPED, needs=bad[0].needs or bad[0].key)
            return True
        planned = self._plan[key]
        moved = any(self.ends[n].status is Status.CHANGED for n in self._graph.before[key])
        if planned.action is Action.NOTHING and not moved and key not in self._owed:
            self._end(step, Status.UNCHANGED, evidence=({"reading": planned.reading},))
            return True
        if step.host in self._lost_hosts:
            self._end(step, Status.SKIPPED, needs=self._lost_hosts[step.host])
            return True
        if step.host not in self._sessions:
            self._end(step, Status.FAILED, error=Problem(f"{step.host} is not connected"))
            return True
        return False

    def _start(self, key: str) -> bool:
        """Start a step on its host unless its lock or the host's limit forbids it now."""
        step = self._graph.steps[key]
        lock = (step.host, step.lock) if step.lock else None
        on_host = sum(self._graph.steps[other].host == step.host for other in self._running)
        if on_host >= self._jobs or (lock and any(r.lock == lock for r in self._running.values())):
            return False
        force = key in self._owed or any(self._rewrote(watched) for watched in step.watches)
        now = time.monotonic()
        self._running[key] = Running(now, now + step.timeout + SPARE, lock)
        self._journal.started(key, self._graph.watchers(key))
        self._emit(
            StepStarted(
                key,
                self._redact(step.state.title()),
                self._durations.get(key, 0.0),
                step.service,
                step.state.kind,
            )
        )
        session = self._sessions[step.host]
        future = session.submit(
            perform.perform,
            step.state.kind,
            step.state.spec(),
            step.state.expected(),
            force,
            step.timeout,
        )
        if step.state.proven_from_outside:
            future = proven(session, future)
        future.add_done_callback(lambda done: self._answers.put((key, done)))
        return True

    def _rewrote(self, key: str) -> bool:
        """Tell whether a step changed what others read: a file's new mode or owner is no new text."""
        end = self.ends[key]
        is_file = self._graph.steps[key].state.kind == "file"
        return end.status is Status.CHANGED and not (is_file and "sha256" not in end.drift)

    def _take_answers(self) -> None:
        """Wait for an answer or a time limit, and end the steps it is about."""
        next_limit = min(entry.until for entry in self._running.values())
        try:
            key, future = self._answers.get(timeout=max(0.01, next_limit - time.monotonic()))
            self._answered(key, future)
        except queue.Empty:
            for key, entry in list(self._running.items()):
                if time.monotonic() >= entry.until:
                    limit = self._graph.steps[key].timeout
                    problem = Problem(f"no answer within {limit:.0f} s", hint="run the same again")
                    self._end(self._graph.steps[key], Status.FAILED, error=problem)

    def _answered(self, key: str, future: Future[Any]) -> None:
        if key not in self._running:
            return
        step = self._graph.steps[key]
        session = self._sessions[step.host]
        status, details = outcome_of(future, self._redact, self._ssh(step.host))
        if session.gone is not None and status is Status.FAILED:
            root = self._lost_hosts.setdefault(step.host, key)
            if root != key:
                status, details = Status.SKIPPED, {"needs": root}
        self._end(step, status, **details)

    def _end(self, step: Step, status: Status, **details: Any) -> None:
        running = self._running.pop(step.key, None)
        seconds = details.pop("seconds", None)
        if seconds is None:
            seconds = time.monotonic() - running.began if running else 0.0
        title = self._redact(step.state.title())
        end = StepFinished(step.key, title, status, seconds, **details)
        self.ends[step.key] = end
        self._record(end)
        self._emit(end)
        for key in self._graph.after[step.key]:
            self._open[key] -= 1
            if not self._open[key]:
                self._ready.append(key)

    def _record(self, end: StepFinished) -> None:
        error = end.error
        self._journal.finished(
            end.key,
            end.status.value,
            end.seconds,
            drift=end.drift,
            evidence=end.evidence,
            needs=end.needs,
            error=error.summary if error else None,
            log_lines=error.log_lines if error else None,
        )

    def _drain(self) -> None:
        """Let running steps end for a moment, then give them up."""
        until = time.monotonic() + GRACE
        try:
            while self._running and time.monotonic() < until:
                key, future = self._answers.get(timeout=max(0.01, until - time.monotonic()))
                self._answered(key, future)
        except (queue.Empty, KeyboardInterrupt):
            pass
        for key in list(self._running):
            self._end(self._graph.steps[key], Status.STOPPED)
