"""The report on one cloud, gathered from top to bottom in `gather`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from gureum.checks.check import Status
from gureum.checks.endpoints import EXPIRY_WARNING_DAYS
from gureum.diagnostics import Diagnostic, Severity
from gureum.errors import GureumError
from gureum.operate import hosts
from gureum.operate.deployment import Blueprint, Deployment
from gureum.operate.known import Known, known
from gureum.operate.pages import pages
from gureum.operate.typed import typed
from gureum.plan.graph import Graph
from gureum.report.certificates import CertificateFacts, certificates
from gureum.report.configuration import FileSet, configuration
from gureum.report.live import Live, ask
from gureum.report.runs import Run, read_runs
from gureum.report.timeline import Timeline, timeline
from gureum.report.topology import Topology, topology
from gureum.report.verification import Verification, read_verification
from gureum.report.versions import Versions, versions, wanted_packages

BIG = 10
"""Steps that a run must change to count as one that built something."""


@dataclass(frozen=True, kw_only=True)
class ServiceUnit:
    """A unit as it is declared: what it does, as whom, and where."""

    service: str
    name: str
    description: str
    user: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Door:
    """An address of the API: the service, its type, and what it is for."""

    name: str
    type: str
    description: str
    url: str


@dataclass(frozen=True, kw_only=True)
class PageDoor:
    """A page for people: who logs in, and the command that says where the password is kept."""

    title: str
    url: str
    user: str
    domain: str
    command: str


@dataclass(frozen=True, kw_only=True)
class CloudReport:
    """All of one cloud; times are seconds since the epoch."""

    name: str
    input: str
    region: str
    time: float
    seen: float
    lab: bool
    live: Live
    topology: Topology
    doors: tuple[Door, ...]
    pages: tuple[PageDoor, ...]
    units: tuple[ServiceUnit, ...]
    timelines: tuple[Timeline, ...]
    runs: tuple[Run, ...]
    verification: Verification | None
    versions: Versions
    certificates: tuple[CertificateFacts, ...]
    files: tuple[FileSet, ...]
    warnings: tuple[Diagnostic, ...]
    only: tuple[str, ...] = ()
    """The hosts whose units, files and packages are told; all where none is named."""

    @property
    def outdated(self) -> bool:
        """Whether something was changed after the last verification."""
        if self.verification is None:
            return False
        then = self.verification.time
        return any(run.changed and run.began + (run.seconds or 0.0) > then for run in self.runs)


def gather(
    deployment: Deployment, only: Sequence[str] = (), *, offline: bool = False
) -> CloudReport:
    """Return everything worth telling; `offline` asks no host.

    `only` are the hosts whose units, files, packages and warnings are told, by default all; picture,
    checks, runs and health are of the whole cloud, for there is no other.

    Raises GureumError for a cloud that was never built or whose hosts nobody has looked at,
    ConfigError for options that do not hold together.
    """
    found = _known(deployment)
    blueprint = found.only(only).blueprint
    live = Live(silent="this report was asked for without asking the hosts")
    if not offline:
        live = ask(deployment, wanted_packages(blueprint))
    runs = read_runs(deployment.folder.journal)
    verification = read_verification(deployment.folder)
    kept = certificates(deployment, found.blueprint)
    return CloudReport(
        name=deployment.cloud.name,
        input=deployment.loaded.file,
        region=deployment.cloud.region,
        time=time.time(),
        seen=found.seen or 0.0,
        lab=deployment.in_lab,
        live=live,
        topology=topology(found, _lab_subnet(deployment)),
        doors=_doors(found.blueprint),
        pages=_pages(deployment, found),
        units=_units(blueprint),
        timelines=_timelines(runs, found.blueprint, verification),
        runs=runs,
        verification=verification,
        versions=versions(found.blueprint, live.packages),
        certificates=kept,
        files=configuration(blueprint),
        warnings=_warnings(deployment, blueprint, verification, live, kept),
        only=tuple(blueprint.hosts) if only else (),
    )


def _known(deployment: Deployment) -> Known:
    name, up = deployment.cloud.name, typed(deployment.loaded, "up")
    if not deployment.folder.facts.exists():
        raise GureumError(
            f"there is no cloud {name!r} yet",
            detail="a report tells of a cloud that was built",
            hint=up,
        )
    found = known(deployment)
    if found.seen is None:
        raise GureumError(
            f"nobody has looked at all hosts of the cloud {name!r} yet",
            detail="what was kept of them is of fewer hosts than the input names, or torn",
            hint=typed(deployment.loaded, "plan"),
        )
    return found


def _lab_subnet(deployment: Deployment) -> IPv4Network | None:
    if not deployment.in_lab:
        return None
    try:
        return hosts.open_lab(deployment, lambda _: None).provider
    except GureumError:
        # The lab is gone or its record is; the rest is worth telling all the same.
        return None


def _doors(blueprint: Blueprint) -> tuple[Door, ...]:
    found = {
        e.type: Door(name=e.name, type=e.type, description=e.description, url=e.url)
        for host in blueprint.hosts.values()
        for d in host.declarations
        for e in d.endpoints
    }
    return tuple(found.values())


def _pages(deployment: Deployment, seen: Known) -> tuple[PageDoor, ...]:
    return tuple(
        PageDoor(
            title=page.title,
            url=page.url,
            user=page.user,
            domain=page.domain,
            command=typed(deployment.loaded, "open", page.name),
        )
        for page in pages(deployment, seen)
    )


def _units(blueprint: Blueprint) -> tuple[ServiceUnit, ...]:
    found: dict[tuple[str, str], ServiceUnit] = {}
    for name, host in blueprint.hosts.items():
        for declared in host.declarations:
            for unit in declared.units:
                key = (declared.service, unit.name)
                before = found[key].hosts if key in found else ()
                found[key] = ServiceUnit(
                    service=declared.service,
                    name=unit.name,
                    description=unit.description,
                    user=unit.user,
                    hosts=(*before, name),
                )
    services = list(dict.fromkeys(service for service, _ in found))
    return tuple(sorted(found.values(), key=lambda unit: services.index(unit.service)))


def _timelines(
    runs: Sequence[Run], blueprint: Blueprint, verification: Verification | None
) -> tuple[Timeline, ...]:
    """Return the last run that built something, then the last that changed anything at all."""
    changing = [run for run in runs if run.changed or run.failed]
    building = [run for run in changing if len(run.changed) >= BIG]
    chosen = [*building[-1:], *(run for run in changing[-1:] if run not in building[-1:])]
    steps = blueprint.steps
    before = Graph(steps).before
    services = {step.key: step.service for step in steps}
    return tuple(_timeline(run, before, services, verification) for run in chosen)


def _timeline(
    run: Run, before: object, services: dict[str, str], verification: Verification | None
) -> Timeline:
    assert isinstance(before, dict)
    if verification is not None and verification.began is not None:
        # `up` verifies while it applies, and counts from its own beginning.
        ended = verification.time
        if verification.began <= run.began <= ended:
            marks = verification.milestones
            return timeline(run, before, services, marks, verification.began)
    return timeline(run, before, services)


def _warnings(
    deployment: Deployment,
    blueprint: Blueprint,
    verification: Verification | None,
    live: Live,
    kept: Sequence[CertificateFacts],
) -> tuple[Diagnostic, ...]:
    """Return what is wrong first, then what is worth a look, each once."""
    found: list[Diagnostic] = list(live.health.troubles if live.health else ())
    if verification is None:
        found.append(
            Diagnostic(
                "the cloud was never verified",
                severity=Severity.WARNING,
                detail="nothing proves yet that a VM runs in it",
                hint=typed(deployment.loaded, "verify"),
            )
        )
    for result in verification.results if verification else ():
        if result.status in (Status.FAIL, Status.WARN):
            severity = Severity.ERROR if result.status is Status.FAIL else Severity.WARNING
            found.append(
                Diagnostic(f"{result.title}: {result.summary}", severity=severity, hint=result.hint)
            )
    found += [one for host in blueprint.hosts.values() for one in host.warnings]
    found += [
        Diagnostic(
            f"the certificate of {one.what} ends in {one.days} days",
            severity=Severity.WARNING,
            hint=typed(deployment.loaded, "apply"),
        )
        for one in kept
        if one.days < EXPIRY_WARNING_DAYS
    ]
    once = {(one.summary, one.detail): one for one in found}
    return tuple(sorted(once.values(), key=lambda one: one.severity is Severity.WARNING))
