"""`gureum service show`: a unit's anatomy, with what its hosts say of it right now."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gureum.errors import GureumError
from gureum.operate.deployment import Deployment
from gureum.operate.known import Known
from gureum.operate.services.anatomy import Anatomy, anatomies
from gureum.operate.services.asking import ask
from gureum.operate.services.peers import Peers, peers
from gureum.operate.services.selection import ChosenUnit, select, the_known
from gureum.operate.services.states import UnitState, asked, unit_state
from gureum.remote import service_look
from gureum.services.rabbitmq import MANAGEMENT, queue_users


@dataclass(frozen=True, kw_only=True)
class UnitLife:
    """What a host says of a unit: its state, files, processes, connections."""

    state: UnitState
    unit_file: str
    drop_ins: tuple[str, ...]
    command: tuple[str, ...]
    processes: int
    cpu_seconds: float
    files: Mapping[str, Mapping[str, Any] | None]
    listening: tuple[str, ...]
    peers: Peers


@dataclass(frozen=True, kw_only=True)
class ShownUnit:
    """A unit as it is to be (`anatomy`) and as it is (`life`); `unknown` says why that is missing."""

    anatomy: Anatomy
    life: UnitLife | None
    unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The units asked for; `databases` by name and `queues` by virtual host, where they were told."""

    time: float
    seen: float
    units: tuple[ShownUnit, ...]
    databases: Mapping[str, Mapping[str, int]]
    queues: Mapping[str, tuple[Mapping[str, Any], ...]]
    unknown: Mapping[str, str]


def show(
    deployment: Deployment,
    names: Sequence[str],
    hosts: Sequence[str] = (),
    *,
    offline: bool = False,
) -> Shown:
    """Return the anatomy of the units that `names` mean; with `offline` no host is asked.

    A host that does not answer costs the live part of its units and no more. Raises InputError for
    names that mean nothing.
    """
    cloud = the_known(deployment)
    chosen = select(cloud, names, hosts)
    made = anatomies(cloud, chosen)
    answers: dict[str, Any] = {}
    silent: dict[str, str] = {}
    if offline:
        silent = dict.fromkeys(cloud.blueprint.hosts, "was not asked (--offline)")
    else:
        try:
            answers, silent = ask(deployment, _questions(cloud, chosen, made))
        except GureumError as error:
            silent = dict.fromkeys(cloud.blueprint.hosts, f"cannot be asked: {error.summary}")
    central = _central(cloud)
    told = answers.get(central, {})
    unknown = {**silent}
    for what in ("databases", "queues"):
        if "error" in (told.get(what) or {}):
            unknown[what] = told[what]["error"]
    return Shown(
        time=time.time(),
        seen=cloud.seen or 0.0,
        units=tuple(
            ShownUnit(
                anatomy=anatomy,
                life=_life(cloud, one, answers) if one.host in answers else None,
                unknown=silent.get(one.host, ""),
            )
            for one, anatomy in zip(chosen, made, strict=True)
        ),
        databases={n: d for n, d in (told.get("databases") or {}).items() if n != "error"},
        queues=_queues(told.get("queues") or {}, {v for a in made for v in a.vhosts}),
        unknown=unknown,
    )


def _central(cloud: Known) -> str:
    """Return the host that knows of databases and queues."""
    return next(iter(cloud.blueprint.contexts.values())).controllers[0]


def _questions(
    cloud: Known, chosen: Sequence[ChosenUnit], made: Sequence[Anatomy]
) -> dict[str, tuple[Any, ...]]:
    databases = sorted({name for a in made for name in a.databases})
    central = _central(cloud)
    queues = None
    if any(a.vhosts for a in made):
        context = cloud.blueprint.contexts[central]
        admin = next(u for u in queue_users(context) if u.tags)
        queues = {
            "address": MANAGEMENT[0],
            "port": MANAGEMENT[1],
            "user": admin.name,
            "password": admin.password.reveal(),
        }
    hosts = dict.fromkeys(one.host for one in chosen)
    if databases or queues:
        hosts[central] = None
    return {
        host: (
            service_look.anatomy,
            [
                {**asked(one), "files": [*anatomy.reads, *anatomy.log_files]}
                for one, anatomy in zip(chosen, made, strict=True)
                if one.host == host
            ],
            databases if host == central else [],
            queues if host == central else None,
        )
        for host in hosts
    }


def _life(cloud: Known, one: ChosenUnit, answers: Mapping[str, Any]) -> UnitLife:
    answer = answers[one.host]
    entry = answer["units"][one.state.name]
    redact = cloud.blueprint.secrets.redactor()
    name = one.unit.name if "." in one.unit.name else f"{one.unit.name}.service"
    listening = [entry for entry in answer["listening"] if entry["unit"] == name]
    return UnitLife(
        state=unit_state(cloud.deployment, one, answer, redact),
        unit_file=entry["properties"].get("FragmentPath", ""),
        drop_ins=tuple(entry["properties"].get("DropInPaths", "").split()),
        command=tuple(redact(word) for word in entry["command"]),
        processes=entry.get("processes", 0),
        cpu_seconds=round(entry.get("cpu_seconds", 0.0), 1),
        files=entry["files"],
        listening=tuple(
            f"{e['address']}:{e['port']}"
            + ("" if e["protocol"] == "tcp" else f" ({e['protocol']})")
            for e in listening
        ),
        peers=peers(
            name,
            {(e["address"], e["port"]) for e in listening},
            answer["connections"],
            {c.address: host for host, c in cloud.blueprint.contexts.items()},
        ),
    )


def _queues(told: Mapping[str, Any], vhosts: set[str]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    found: dict[str, list[Mapping[str, Any]]] = {vhost: [] for vhost in sorted(vhosts)}
    for queue in told.get("queues", ()):
        if queue["vhost"] in found:
            kept = ("name", "consumers", "messages", "type")
            found[queue["vhost"]].append({key: queue.get(key) for key in kept})
    return {v: tuple(sorted(qs, key=lambda q: q["name"])) for v, qs in found.items() if told}
