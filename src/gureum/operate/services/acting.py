"""Starts, stops and restarts units over all hosts at once, each proven before the next."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gureum.apply.journal import Journal
from gureum.errors import GureumError, InputError
from gureum.operate.deployment import Deployment
from gureum.operate.known import Known
from gureum.operate.services.order import Order, restart_order, start_order, stop_order
from gureum.operate.services.selection import ChosenUnit, all_units, select, the_known
from gureum.operate.status import places
from gureum.operate.typed import typed
from gureum.plan.graph import Graph
from gureum.remote import perform, unit_act
from gureum.remote.failure import Failure
from gureum.steps.notice import NOBODY, Notice
from gureum.steps.openstack import ComputesReporting
from gureum.steps.step import Step

if TYPE_CHECKING:
    from gureum.hosts import Session

TIMEOUT = 300.0
SPARE = 20.0
"""Seconds beyond a unit's own time limit that its host has to say how it ended."""
DONE = {"start": "started", "stop": "stopped", "restart": "restarted"}
ALREADY = {"start": "runs already", "stop": "was not running", "restart": ""}


@dataclass(frozen=True, kw_only=True)
class UnitResult:
    """How it went with one unit: `outcome` is done, unchanged, failed or skipped.

    `also` are units that systemd took along, `reported` the seconds until nova heard of it again,
    `notice` says who misses a unit that was stopped.
    """

    host: str
    service: str
    unit: str
    outcome: str
    said: str
    seconds: float = 0.0
    reported: float | None = None
    also: tuple[str, ...] = ()
    notice: Notice | None = None
    log_lines: tuple[str, ...] = ()
    hint: str = ""

    @property
    def good(self) -> bool:
        """Whether the unit is as it was asked for."""
        return self.outcome in ("done", "unchanged")


@dataclass
class _Job:
    """What is to be done when the jobs before it are: a unit's act, or the wait for its report."""

    one: ChosenUnit
    before: frozenset[str]
    report: Step | None = None
    began: float = 0.0


def act(
    deployment: Deployment,
    verb: str,
    names: Sequence[str],
    *,
    hosts: Sequence[str] = (),
    everything: bool = False,
    emit: Callable[[UnitResult], None],
) -> tuple[UnitResult, ...]:
    """Do `verb` (start, stop, restart) with the units that `names` mean and return how each ended.

    Raises InputError for names that mean nothing, and where all units would be stopped or restarted
    without `everything`; HostError for a host that cannot be reached.
    """
    cloud = the_known(deployment)
    chosen = select(cloud, names, hosts)
    if verb != "start" and not names and not everything:
        raise InputError(
            f"{verb} which units? without a name these are all {len(chosen)} of the cloud",
            [],
            hint=typed(deployment.loaded, f"service {verb}", "--all"),
        )
    if verb == "restart" and not _named(chosen, names):
        # These are done as soon as they began; a restart of one restarts what it once started.
        chosen = tuple(one for one in chosen if not one.unit.oneshot)
    from gureum.hosts import Connections

    wanted = {one.host for one in chosen}
    targets, errors, _ = places(deployment)
    down = sorted(wanted & errors.keys())
    if down:
        raise GureumError(
            f"{', '.join(down)} {errors[down[0]]}", hint=typed(deployment.loaded, "up")
        )
    journal = Journal(deployment.folder.journal)
    with Connections() as connections, journal.lock():
        sessions = connections.open(
            [t for t in targets if t.name in wanted | set(_reporting_hosts(cloud, chosen, verb))]
        )
        acting = _Acting(cloud, verb, chosen, sessions=sessions, journal=journal, emit=emit)
        return acting.to_the_end()


def _named(chosen: Sequence[ChosenUnit], names: Sequence[str]) -> bool:
    """Return whether only one-shot units were asked for, each by its own name."""
    return all(one.unit.oneshot and one.unit.name in names for one in chosen)


def _reporting_hosts(cloud: Known, chosen: Sequence[ChosenUnit], verb: str) -> list[str]:
    return [s.host for one in chosen for s in _reports(cloud, one, verb)]


def _reports(cloud: Known, one: ChosenUnit, verb: str) -> list[Step]:
    """Return the step that waits for the unit's report, where there is one."""
    if verb == "stop":
        return []
    return [
        step
        for step in cloud.blueprint.steps
        if isinstance(step.state, ComputesReporting) and one.key in step.watches
    ]


class _Acting:
    def __init__(
        self,
        cloud: Known,
        verb: str,
        chosen: Sequence[ChosenUnit],
        *,
        sessions: Mapping[str, Session],
        journal: Journal,
        emit: Callable[[UnitResult], None],
    ) -> None:
        self._cloud = cloud
        self._verb = verb
        self._sessions = sessions
        self._journal = journal
        self._emit = emit
        self._redact = cloud.blueprint.secrets.redactor()
        self._chosen = {one.key for one in chosen}
        self._everything = all_units(cloud)
        self._jobs = {key: _Job(one, order) for one, key, order in self._ordered(chosen)}
        for one in chosen:
            for step in _reports(cloud, one, verb):
                # A host's own nova-compute is waited for, not those of all the others.
                state = dataclasses.replace(step.state, hosts=(one.host,))  # type: ignore[call-arg]
                narrowed = dataclasses.replace(step, state=state)
                self._jobs[f"{one.key} reports"] = _Job(one, frozenset({one.key}), narrowed)
        self._results: dict[str, UnitResult] = {}

    def _ordered(
        self, chosen: Sequence[ChosenUnit]
    ) -> list[tuple[ChosenUnit, str, frozenset[str]]]:
        graph = Graph(self._cloud.blueprint.steps)
        order: Order
        if self._verb == "restart":
            controllers = next(iter(self._cloud.blueprint.contexts.values())).controllers
            order = restart_order(chosen, graph, controllers)
        else:
            order = (start_order if self._verb == "start" else stop_order)(chosen, graph)
        return [(one, one.key, order[one.key]) for one in chosen]

    def to_the_end(self) -> tuple[UnitResult, ...]:
        waiting = dict(self._jobs)
        running: dict[Future[Any], str] = {}
        while waiting or running:
            for key, job in list(waiting.items()):
                if job.before <= self._results.keys():
                    del waiting[key]
                    bad = [self._results[b] for b in job.before if not self._results[b].good]
                    if job.report is not None and self._results[job.one.key].outcome != "done":
                        self._results[key] = self._results[job.one.key]
                    elif bad:
                        self._skip(key, job, bad[0])
                    else:
                        running[self._submit(job)] = key
            if running:
                for future in wait(running, timeout=TIMEOUT, return_when=FIRST_COMPLETED).done:
                    key = running.pop(future)
                    self._end(key, self._jobs[key], future)
        return tuple(self._results[key] for key in self._jobs if key in self._chosen)

    def _submit(self, job: _Job) -> Future[Any]:
        job.began = time.monotonic()
        if job.report is not None:
            state = job.report.state
            session = self._sessions[job.report.host]
            arguments = (state.kind, state.spec(), state.expected(), True, TIMEOUT)
            return session.submit(perform.perform, *arguments)
        others = [
            u.state.name
            for u in self._everything
            if u.host == job.one.host and u.key not in self._chosen
        ]
        session = self._sessions[job.one.host]
        return session.submit(unit_act.act, self._verb, job.one.state.spec(), others, TIMEOUT)

    def _end(self, key: str, job: _Job, future: Future[Any]) -> None:
        seconds = round(time.monotonic() - job.began, 2)
        if job.report is not None:
            result = self._reported(job, future, seconds)
        else:
            result = self._acted(job, future, seconds)
        self._finish(key, job, result)

    def _acted(self, job: _Job, future: Future[Any], seconds: float) -> UnitResult:
        try:
            answer = future.result()
        except (Failure, GureumError) as error:
            return self._failed(job, error, seconds)
        done, notice = answer["changed"], job.one.unit.notice
        return self._result(
            job,
            "done" if done else "unchanged",
            DONE[self._verb] if done else ALREADY[self._verb],
            seconds=seconds,
            also=tuple(name.removesuffix(".service") for name in answer["also"]),
            notice=notice if done and self._verb == "stop" and notice != NOBODY else None,
        )

    def _reported(self, job: _Job, future: Future[Any], seconds: float) -> UnitResult:
        acted = self._results[job.one.key]
        try:
            future.result()
        except (Failure, GureumError) as error:
            return self._failed(job, error, acted.seconds + seconds)
        return dataclasses.replace(acted, reported=seconds)

    def _failed(self, job: _Job, error: Failure | GureumError, seconds: float) -> UnitResult:
        one, loaded = job.one, self._cloud.deployment.loaded
        if isinstance(error, GureumError):
            return self._result(job, "failed", error.summary, seconds=seconds, hint=error.hint)
        if words := error.hint.split():
            hint = typed(loaded, "ssh", one.host, *words)
        elif job.report:
            hint = typed(loaded, "logs", "--host", one.host, one.unit.name)
        else:
            hint = typed(loaded, "apply")
        return self._result(
            job,
            "failed",
            self._redact(error.message),
            seconds=seconds,
            log_lines=tuple(self._redact(line) for line in error.log_lines),
            hint=hint,
        )

    def _skip(self, key: str, job: _Job, cause: UnitResult) -> None:
        said = cause.said if cause.outcome == "skipped" else f"needs {cause.unit} of {cause.host}"
        self._finish(key, job, self._result(job, "skipped", said))

    def _finish(self, key: str, job: _Job, result: UnitResult) -> None:
        self._results[key] = result
        if job.report is not None:
            self._results[job.one.key] = result
        if f"{key} reports" in self._jobs and result.outcome == "done":
            return
        self._emit(result)
        self._journal.write(
            "service",
            verb=self._verb,
            key=job.one.key,
            outcome=result.outcome,
            seconds=result.seconds,
            said=result.said,
        )

    def _result(self, job: _Job, outcome: str, said: str, **rest: Any) -> UnitResult:
        one = job.one
        return UnitResult(
            host=one.host,
            service=one.service,
            unit=one.unit.name,
            outcome=outcome,
            said=said,
            **rest,
        )
