"""`gureum status`: one quick look at all hosts and the API at once; reads, and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gureum.checks import units
from gureum.checks.expected import ExpectedUnit
from gureum.errors import GureumError, HostError
from gureum.model.cloud import Role
from gureum.operate import hosts
from gureum.operate.api_look import ApiLook, Counts, authority_days
from gureum.operate.ceph_look import CephLook
from gureum.operate.clock_look import asked_clock
from gureum.operate.deployment import Deployment
from gureum.operate.facts import host_facts
from gureum.operate.health import CloudHealth, HostContact, HostHealth, UnitHealth
from gureum.operate.known import api_names
from gureum.operate.last_runs import last_runs
from gureum.operate.lost import asked, doors
from gureum.operate.pinned import pin
from gureum.operate.troubles import troubles
from gureum.operate.typed import typed
from gureum.remote import contact, facts, probes, swift_look, vitals
from gureum.services import declarations
from gureum.services.context import Context, HostFacts
from gureum.services.declaration import Declaration
from gureum.services.swift_layout import place

if TYPE_CHECKING:
    from gureum.hosts import Session, Target

TIMEOUT = 10.0
VMS = "virtual machines"
"""What `probes.memory` files VMs under."""
OURS = ("session-", "user@")
"""Beginnings of the units in which this very look, and people who are logged in, run."""


Declared = dict[str, tuple[Declaration, ...]]


def look(deployment: Deployment) -> CloudHealth:
    """Return how the cloud feels.

    Raises GureumError with the way on for a cloud that does not exist, or none of whose hosts runs.
    """
    began = time.time()
    targets, errors, addresses = places(deployment)
    declared = declare(deployment, addresses)
    pin(api_names(deployment.folder))
    api = ApiLook(deployment, [d for one in declared.values() for d in one])
    controllers = [name for name, _ in deployment.cloud.hosts_with(Role.CONTROLLER)]
    stands_on = doors(declared, controllers, addresses)
    from gureum.hosts import Connections

    with Connections() as connections:
        sessions, refused = connections.try_open(targets)
        if not sessions and not errors:
            raise next(iter(refused.values()))
        errors |= {name: error.summary for name, error in refused.items()}
        ceph = CephLook(deployment.cloud, sessions)
        with ThreadPoolExecutor(len(sessions) or 1) as pool:
            jobs = {n: pool.submit(_ask, deployment, addresses, s) for n, s in sessions.items()}
            heard = {
                name: session.submit(contact.contact, list(stands_on))
                for name, session in sessions.items()
                if asked(deployment.cloud.hosts[name].roles)
            }
            looks = {name: _result(job) for name, job in jobs.items()}
            silent = {name: _heard(job, stands_on) for name, job in heard.items()}
        stored = ceph.result()
    found: list[HostHealth] = []
    running: list[UnitHealth] = []
    for name in deployment.cloud.hosts:
        answer = looks.get(name, errors.get(name, ""))
        if isinstance(answer, str):
            found.append(HostHealth(name=name, error=answer))
        else:
            found.append(answer[0])
            running += answer[1]
    answers, counts = api.result()
    vms = counts if isinstance(counts, str) else counts.vms.by_status
    contacts = _contacts(counts, silent)
    runs = last_runs(deployment.folder)
    ca_days = authority_days(deployment)
    wrong = troubles(
        deployment.loaded,
        hosts=found,
        units=running,
        api=answers,
        vms=vms,
        runs=runs,
        ca_days=ca_days,
        contacts=contacts,
        ceph=stored,
        now=began,
    )
    return CloudHealth(
        name=deployment.cloud.name,
        time=began,
        seconds=round(time.time() - began, 2),
        hosts=tuple(found),
        units=tuple(running),
        api=answers,
        vms=vms if isinstance(vms, dict) else None,
        contacts=contacts,
        ceph=stored,
        runs=runs,
        ca_days=ca_days,
        troubles=wrong,
    )


def _heard(
    job: Future[Any], stands_on: Mapping[tuple[str, int], str]
) -> tuple[tuple[tuple[str, str], ...], int] | None:
    """Return which of the controllers' doors a host does not reach, and how many VMs run there."""
    try:
        found = job.result(TIMEOUT)
    except (HostError, TimeoutError):
        return None
    shut = tuple((address, stands_on[address, port]) for address, port, _ in found["silent"])
    return shut, int(found["vms"])


def _contacts(
    counts: Counts | str,
    silent: Mapping[str, tuple[tuple[tuple[str, str], ...], int] | None],
) -> tuple[HostContact, ...]:
    """Return what the cloud heard of each host together with what the host says of itself."""
    reports = () if isinstance(counts, str) else counts.reports
    by_host = {} if isinstance(counts, str) else counts.vms.by_host
    found = {one.host: HostContact(**vars(one), vms=by_host.get(one.host, 0)) for one in reports}
    for host, said in silent.items():
        if said is not None:
            one = found.get(host, HostContact(host=host))
            found[host] = replace(one, silent=said[0], running=said[1])
    return tuple(found.values())


def declare(
    deployment: Deployment,
    addresses: Mapping[str, str],
    raw: Mapping[str, Mapping[str, Any]] | None = None,
) -> Declared:
    """Return what every service declares, without merging or checking options.

    It is told for every host with an address, or for those alone whose facts are given.
    """
    from gureum.releases import load_release

    secrets = deployment.folder.secrets()
    release = load_release(deployment.cloud.release)
    found: Declared = {}
    for name in raw or addresses:
        known = host_facts(deployment.cloud, name, raw[name]) if raw else HostFacts()
        context = Context(deployment.cloud, name, known, secrets, release, addresses)
        found[name] = declarations(context)
    return found


def places(deployment: Deployment) -> tuple[list[Target], dict[str, str], dict[str, str]]:
    """Return the hosts that can be asked, why the others cannot, and everyone's address."""
    name = deployment.cloud.name
    up = typed(deployment.loaded, "up")
    if not deployment.folder.exists:
        raise GureumError(f"there is no cloud {name!r} yet", hint=up)
    if not deployment.in_lab:
        return hosts.targets(deployment, None), {}, hosts.addresses(deployment, None)
    lab = hosts.open_lab(deployment, lambda _: None)
    made = {host.name: host for host in lab.hosts()}
    missing = [host for host in deployment.cloud.hosts if host not in made]
    if missing:
        raise GureumError(
            f"the cloud {name!r} is not there: it lacks {_listed(missing)}",
            detail=f"lab hosts that gureum makes; of the cloud its folder is left, "
            f"{deployment.folder.path}",
            hint=up,
        )
    stopped = [host for host in made if not made[host].running]
    if len(stopped) == len(made):
        raise GureumError(f"the cloud {name!r} is stopped: no lab host of it runs", hint=up)
    asked = [t for t in hosts.targets(deployment, lab) if t.name not in stopped]
    return asked, dict.fromkeys(stopped, "does not run"), hosts.addresses(deployment, lab)


def _listed(names: Sequence[str]) -> str:
    return f"the host {names[0]}" if len(names) == 1 else f"the hosts {', '.join(names)}"


def _result(job: Future[Any]) -> Any:
    try:
        return job.result()
    except HostError as error:
        return error.summary


def _ask(
    deployment: Deployment, addresses: Mapping[str, str], session: Session
) -> tuple[HostHealth, list[UnitHealth]]:
    name = session.name
    devices = deployment.cloud.swift_devices_of(name)
    raw_job = session.submit(facts.facts)
    vital_job = session.submit(vitals.vitals)
    memory_job = session.submit(probes.memory)
    places_job = (
        session.submit(swift_look.unmounted, [place(d) for d in devices]) if devices else None
    )
    clock = asked_clock(session)
    raw = raw_job.result(TIMEOUT)
    declared = declare(deployment, addresses, {name: raw})[name]
    wanted = [(d.service, u) for d in declared for u in d.units]
    shown = session.call(probes.units, [u.name for _, u in wanted], timeout=TIMEOUT)
    spent = memory_job.result(TIMEOUT)
    health = _host(name, raw, vital_job.result(TIMEOUT), spent)
    if places_job is not None:
        missing = set(places_job.result(TIMEOUT))
        health = replace(health, unmounted=tuple(d for d in devices if place(d) in missing))
    follows = bool(deployment.cloud.time.servers) or len(deployment.cloud.hosts) > 1
    return clock(health, follows=follows), [
        unit_health(service, ExpectedUnit(u.name, name, u.oneshot), shown.get(u.name, {}), spent)
        for service, u in wanted
    ]


def _host(
    name: str, raw: Mapping[str, Any], vital: Mapping[str, Any], spent: Mapping[str, int]
) -> HostHealth:
    apart = (*OURS, VMS)
    ours = [kb for unit, kb in spent.items() if not unit.startswith(apart)]
    return HostHealth(
        name=name,
        os=raw["os"]["name"],
        shared=bool(raw.get("container")),
        up_since=vital["up_since"],
        load=tuple(round(load, 2) for load in vital["load"]),
        cpus=vital["cpus"],
        memory_mb=vital["memory_mb"],
        memory_used_mb=vital["memory_mb"] - vital["memory_free_mb"],
        pss_mb=round(sum(ours) / 1024, 1),
        vms_mb=round(spent.get(VMS, 0) / 1024, 1),
        disks=tuple(vital["disks"]),
    )


def unit_health(
    service: str, unit: ExpectedUnit, shown: Mapping[str, str], spent: Mapping[str, int]
) -> UnitHealth:
    """Return how a unit feels by what systemd shows of it and the memory spent (kB by unit)."""
    wrong, _ = units.judge(unit, dict(shown))
    state, sub = shown.get("ActiveState", "unknown"), shown.get("SubState", "")
    since = shown.get("StateChangeTimestamp", "").removeprefix("@")
    return UnitHealth(
        service=service,
        name=unit.name,
        host=unit.host,
        state=state if state == "active" else f"{state} ({sub})",
        good=not wrong,
        since=float(since) if since else None,
        restarts=int(shown.get("NRestarts") or 0),
        pss_mb=round(spent.get(unit.name.removesuffix(".service"), 0) / 1024, 1),
    )
