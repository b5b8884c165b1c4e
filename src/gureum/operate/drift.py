"""Looks at all files and units of a cloud's hosts and judges how they drifted from the intent."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gureum.drift import who
from gureum.drift.copies import Copy, copies
from gureum.drift.intent import WantedFile, wanted_files, wanted_units
from gureum.drift.judge import FileDrift, Reader, judge_file
from gureum.drift.memory import KEY, Memory
from gureum.drift.running import HostLook, UnitDrift
from gureum.operate import hosts
from gureum.operate.deployment import Blueprint, Deployment
from gureum.operate.facts import host_facts
from gureum.operate.known import keep_facts, known

if TYPE_CHECKING:
    from gureum.hosts import Session

TIMEOUT = 60.0


@dataclass(frozen=True)
class CloudDrift:
    """How a cloud differs from what it is to be, now. Holds no secret.

    `looked` counts the files and units that were looked at. `copies` are those that earlier applies
    kept of what they took back. `errors` tells of hosts that could not be asked, by name.
    """

    name: str
    time: float
    seconds: float
    hosts: tuple[str, ...]
    files: tuple[FileDrift, ...]
    units: tuple[UnitDrift, ...]
    looked: tuple[int, int]
    copies: tuple[Copy, ...]
    errors: Mapping[str, str]

    @property
    def in_order(self) -> bool:
        """Tell whether every host was asked and nothing differs."""
        return not (self.files or self.units or self.errors)


@dataclass(frozen=True)
class Choice:
    """What is to be looked at: paths (all where None) on hosts (all where empty)."""

    paths: Collection[str] | None = None
    hosts: tuple[str, ...] = ()


def memory_of(deployment: Deployment, blueprint: Blueprint) -> Memory:
    """Return what is remembered of the cloud's files."""
    return Memory(deployment.folder, blueprint.secrets.password(KEY))


def files_of(blueprint: Blueprint) -> dict[str, tuple[WantedFile, ...]]:
    """Return every file that gureum writes, by host."""
    return {
        name: wanted_files(host, blueprint.contexts[name].release)
        for name, host in blueprint.hosts.items()
    }


def look(deployment: Deployment, choice: Choice) -> CloudDrift:
    """Ask the hosts and return what differs; nothing is changed.

    The intent rests on what the hosts last said of themselves; where one says otherwise now (it got
    more processors), it is computed anew. Raises GureumError where no host can be asked.
    """
    from gureum.hosts import Connections
    from gureum.remote import facts

    began = time.time()
    blueprint = known(deployment).blueprint
    lab = hosts.open_lab(deployment, _silent) if deployment.in_lab else None
    targets = hosts.targets(deployment, lab)
    chosen = [t for t in targets if not choice.hosts or t.name in choice.hosts]
    with Connections() as connections:
        sessions, refused = connections.try_open(chosen)
        if not sessions:
            raise next(iter(refused.values()))
        found = _Look(deployment, blueprint, sessions, choice)
        saying = {name: session.submit(facts.facts) for name, session in sessions.items()}
        answers = found.ask()
        said = {name: job.result(TIMEOUT) for name, job in saying.items()}
        if set(said) == set(deployment.cloud.hosts):
            addresses = hosts.addresses(deployment, lab)
            if _moved_on(deployment, blueprint, addresses, said):
                renewed = deployment.blueprint(addresses, said)
                names = next(iter(renewed.contexts.values())).api_names
                keep_facts(deployment.folder, addresses, said, names)
                found = _Look(deployment, renewed, sessions, choice)
                answers = found.ask()
    files, units = found.judged(answers)
    return CloudDrift(
        name=deployment.cloud.name,
        time=began,
        seconds=round(time.time() - began, 2),
        hosts=tuple(sessions),
        files=files,
        units=units,
        looked=found.counts(),
        copies=tuple(
            one
            for one in copies(deployment.folder)
            if choice.paths is None or one.path in choice.paths
        ),
        errors={name: error.summary for name, error in refused.items()},
    )


class _Look:
    """One look at some files and units of connected hosts."""

    def __init__(
        self,
        deployment: Deployment,
        blueprint: Blueprint,
        sessions: Mapping[str, Session],
        choice: Choice,
    ) -> None:
        self._sessions = sessions
        self._redact = blueprint.secrets.redactor()
        self._memory = memory_of(deployment, blueprint)
        paths = choice.paths
        self._files = {
            host: [f for f in files if paths is None or f.path in paths]
            for host, files in files_of(blueprint).items()
            if host in sessions
        }
        self._units = {
            host: [
                step
                for step in wanted_units(blueprint.hosts[host])
                if paths is None or set(step.state.spec()["inputs"]) & set(paths)
            ]
            for host in sessions
        }

    def counts(self) -> tuple[int, int]:
        """Return how many files and units are looked at."""
        return sum(map(len, self._files.values())), sum(map(len, self._units.values()))

    def ask(self) -> dict[str, dict[str, Any]]:
        """Return every host's answer, asked all at once."""
        from gureum.remote import on_disk

        jobs = {
            name: session.submit(
                on_disk.look,
                [request(f, self._memory) for f in self._files[name]],
                [step.state.spec() for step in self._units[name]],
            )
            for name, session in self._sessions.items()
        }
        return {name: job.result(TIMEOUT) for name, job in jobs.items()}

    def judged(
        self, answers: Mapping[str, Mapping[str, Any]]
    ) -> tuple[tuple[FileDrift, ...], tuple[UnitDrift, ...]]:
        """Return what differs of all the hosts' files and units."""
        files: list[FileDrift] = []
        units: list[UnitDrift] = []
        for host, answer in answers.items():
            drifted = judge_files(
                self._files[host], answer, self._memory, self._redact, self._sessions[host]
            )
            names = (step.state.title() for step in self._units[host])
            readings = dict(zip(names, answer["units"], strict=True))
            files += [_with_readers(one, self._files[host], readings) for one in drifted]
            look = HostLook(answer["files"], drifted, self._memory)
            judged = map(look.unit, self._units[host], answer["units"])
            units += [unit for unit in judged if unit is not None]
        return tuple(files), tuple(units)


def request(wanted: WantedFile, memory: Memory) -> dict[str, Any]:
    """Return what a host is asked about a file."""
    owner, group, mode = wanted.ownership
    return {
        "path": wanted.path,
        "sha256": wanted.sha256,
        "owner": owner,
        "group": group,
        "mode": mode,
        "ours": list(memory.of(wanted.host, wanted.path).ours),
    }


def judge_files(
    files: Sequence[WantedFile],
    answer: Mapping[str, Any],
    memory: Memory,
    redact: Any,
    session: Session,
) -> list[FileDrift]:
    """Return the files of a host that differ, those that somebody edited with traces of whom."""
    own_key = who.fingerprint(session.target.identity)
    found = []
    for wanted in files:
        drift = judge_file(wanted, answer["files"][wanted.path], memory, redact)
        if drift is not None:
            raw = answer["traces"].get(wanted.path) if drift.origin.by_hand else None
            found.append(replace(drift, traces=who.traces(wanted.path, raw, redact, own_key)))
    return found


def _with_readers(
    drift: FileDrift, files: Sequence[WantedFile], readings: Mapping[str, Mapping[str, Any]]
) -> FileDrift:
    wanted = next(one for one in files if one.path == drift.path)
    readers = tuple(
        Reader(unit, readings[unit]["_started"], readings[unit]["_started"] > (drift.moment or 0.0))
        for unit in wanted.readers
        if unit in readings and readings[unit]["active"] == "active"
    )
    return replace(drift, readers=readers)


def _moved_on(
    deployment: Deployment,
    blueprint: Blueprint,
    addresses: Mapping[str, str],
    said: Mapping[str, Mapping[str, Any]],
) -> bool:
    """Tell whether the hosts are no longer what the blueprint rests on."""
    return any(
        context.addresses != addresses
        or context.facts != host_facts(deployment.cloud, name, said[name])
        for name, context in blueprint.contexts.items()
    )


def _silent(_: str) -> None:
    """Say nothing: opening a lab that stands has nothing to tell."""
