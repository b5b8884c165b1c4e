"""Hand edits and an apply: told and copied before they are taken back, and known the next time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gureum.apply.events import StepFinished
from gureum.config.parse import read_file
from gureum.drift.copies import keep as keep_copies
from gureum.drift.events import EditsFound
from gureum.drift.intent import WantedFile
from gureum.drift.judge import FileDrift
from gureum.drift.memory import Memory, Written
from gureum.drift.origin import Origin, origin
from gureum.errors import GureumError
from gureum.moment import stamp
from gureum.operate.deployment import Blueprint, Deployment
from gureum.operate.drift import TIMEOUT, files_of, judge_files, memory_of, request
from gureum.operate.typed import typed
from gureum.plan.action import Action
from gureum.plan.plan import Plan, PlannedStep

if TYPE_CHECKING:
    from gureum.hosts import Session

Emit = Callable[[Any], None]
Readings = dict[str, dict[str, Any]]


class Edits:
    """What is known of a connected cloud's files, and of who wrote them."""

    def __init__(
        self, deployment: Deployment, blueprint: Blueprint, sessions: Mapping[str, Session]
    ) -> None:
        self._deployment = deployment
        self._sessions = sessions
        self._redact = blueprint.secrets.redactor()
        self._memory = memory_of(deployment, blueprint)
        self._files = {one.step.key: one for files in files_of(blueprint).values() for one in files}

    def as_adopted(self, readings: Readings) -> Readings:
        """Return the readings with every adopted edit in order: its options are the wanted ones.

        What differs is the order of its lines and comments, for which no unit needs a restart.
        """
        for key, reading in readings.items():
            file = self._files.get(key)
            if file and "sha256" in reading:
                adopted = self._memory.of(file.host, file.path).adopted
                if adopted == (reading["sha256"], file.sha256):
                    reading["sha256"] = file.sha256
        return readings

    def marked(self, plan: Plan) -> Plan:
        """Return the plan with every file's change marked by whose deed it is."""
        return Plan(tuple(self._marked(step) for step in plan.steps))

    def before(self, plan: Plan, emit: Emit, *, keep: bool) -> None:
        """Tell of hand edits that the plan takes back, and keep copies of what it replaces.

        Raises GureumError instead where edits are to be kept and there are some.
        """
        due = [self._files[step.key] for step in plan.changes if self._replaces(step)]
        found, contents = self._look(due)
        edited = [one for one in found if one.origin.by_hand]
        if edited and keep:
            raise _refusal(self._deployment, edited)
        lost = {
            (one.host, one.path): contents[one.host, one.path]
            for one in found
            if self._not_ours(one) and (one.host, one.path) in contents
        }
        copies = keep_copies(self._deployment.folder, lost)
        if edited:
            places = tuple(copies.get((one.host, one.path), "") for one in edited)
            emit(EditsFound(tuple(edited), places))

    @contextlib.contextmanager
    def remembered(self, plan: Plan, emit: Emit) -> Iterator[Emit]:
        """Yield `emit` with an ear for files that get written, and remember them at the end.

        What is about to be written is noted first: a run that is killed leaves no edit by nobody.
        """
        for step in plan.changes:
            if step.key in self._files:
                file = self._files[step.key]
                self._memory.begin(file.host, file.path, written(file, self._memory))
        self._memory.save()

        def listening(event: Any) -> None:
            if isinstance(event, StepFinished) and event.status.good and event.key in self._files:
                self._done(self._files[event.key], event)
            emit(event)

        try:
            yield listening
        finally:
            self._memory.save()

    def _done(self, file: WantedFile, event: StepFinished) -> None:
        changed = "sha256" in event.drift
        known = self._memory.of(file.host, file.path)
        if not changed and known.adopted and known.adopted[1] == file.sha256:
            return
        now = written(file, self._memory)
        modified = None if changed else _modified(event)
        if modified is not None:
            # It was found so: units that started since have read it.
            now = replace(now, time=modified)
        self._memory.done(file.host, file.path, now, changed=changed)

    def _marked(self, step: PlannedStep) -> PlannedStep:
        file = self._files.get(step.key)
        if file is None or step.action is not Action.CHANGE or "sha256" not in step.drift:
            return step
        known = self._memory.of(file.host, file.path)
        found = str(step.drift["sha256"]["actual"])
        last = known.as_found(found)
        whose = origin(found, file.sha256, last.sha256 if last else None, known.earlier)
        since = step.reading.get("_modified")
        told = whose.value
        if whose.by_hand and since:
            told = told.replace(Origin.HAND.value, f"{Origin.HAND.value} since {stamp(since)}")
        return replace(step, origin=told)

    def _not_ours(self, drift: FileDrift) -> bool:
        """Tell whether a file's text is somebody else's: an edit, an adopted one, or older than us."""
        adopted = self._memory.of(drift.host, drift.path).adopted
        return (
            drift.origin.by_hand
            or drift.origin is Origin.UNKNOWN
            or (adopted is not None and adopted[0] == drift.sha256)
        )

    def _replaces(self, step: PlannedStep) -> bool:
        """Tell whether a step is about to write over, or to bring back, what somebody changed."""
        file = self._files.get(step.key)
        if file is None:
            return False
        known = self._memory.of(file.host, file.path)
        return step.action is Action.CHANGE or known.last is not None

    def _look(self, due: list[WantedFile]) -> tuple[list[FileDrift], dict[tuple[str, str], bytes]]:
        from gureum.remote import on_disk

        by_host: dict[str, list[WantedFile]] = {}
        for file in due:
            if file.host in self._sessions:
                by_host.setdefault(file.host, []).append(file)
        jobs = {
            host: self._sessions[host].submit(
                on_disk.look, [request(file, self._memory) for file in files], []
            )
            for host, files in by_host.items()
        }
        found: list[FileDrift] = []
        contents: dict[tuple[str, str], bytes] = {}
        for host, job in jobs.items():
            answer = job.result(TIMEOUT)
            found += judge_files(
                by_host[host], answer, self._memory, self._redact, self._sessions[host]
            )
            contents |= {
                (host, path): reading["content"]
                for path, reading in answer["files"].items()
                if "content" in reading
            }
        return found, contents


def written(file: WantedFile, memory: Memory) -> Written:
    """Return what is remembered of a file that is as it is wanted, now."""
    options = {}
    if file.file:
        options = memory.options(read_file(file.state.content, file.file, file.schema).parsed)
    return Written(file.sha256, time.time(), file.ownership, options)


def _modified(event: StepFinished) -> float | None:
    readings = (one["reading"] for one in event.evidence if "reading" in one)
    return next((reading.get("_modified") for reading in readings), None)


def _refusal(deployment: Deployment, edited: list[FileDrift]) -> GureumError:
    count = "1 file was" if len(edited) == 1 else f"{len(edited)} files were"
    names = ", ".join(dict.fromkeys(one.name for one in edited))
    return GureumError(
        f"{count} edited by hand: {names}; nothing was changed",
        detail="\n".join(_said(one) for one in edited),
        hint=f"look: {typed(deployment.loaded, 'config diff')}; take an edit into cloud.yaml: "
        f"{typed(deployment.loaded, 'config adopt', edited[0].name)}; or apply without --keep-edits",
    )


def _said(drift: FileDrift) -> str:
    options = ", ".join(one.address for one in drift.options if one.origin.by_hand)
    return f"{drift.host}:{drift.path}" + (f": {options}" if options else "")
