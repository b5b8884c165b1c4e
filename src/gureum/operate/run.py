"""From an input to a cloud: hosts, facts, plan, apply. `up` reads from top to bottom in `run_up`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from gureum.apply.events import Message, Warned
from gureum.apply.journal import Journal
from gureum.diagnostics import Diagnostic, Severity
from gureum.errors import HostError
from gureum.model.cloud import Role
from gureum.operate import hosts
from gureum.operate.absent import Raw, absent
from gureum.operate.bundle_way import bundle_way
from gureum.operate.deployment import Blueprint, Deployment
from gureum.operate.driver import refuse_another_driver, standing
from gureum.operate.edits import Edits
from gureum.operate.host_check import Look, findings
from gureum.operate.host_check.asking import ask, scene
from gureum.operate.host_check.last import keep_states
from gureum.operate.host_check.not_ready import HostsNotReady
from gureum.operate.kept_input import keep_input
from gureum.operate.known import built_with, keep_facts, kept_facts
from gureum.operate.leaving_disks import check_disks
from gureum.operate.leaving_keeper import check_keeper
from gureum.operate.leaving_objects import check_objects
from gureum.operate.left_behind import LeftBehind
from gureum.operate.moved import check_moves
from gureum.operate.pinned import pin
from gureum.operate.typed import typed
from gureum.operate.versions import with_versions
from gureum.plan import Plan, make_plan, read_steps

if TYPE_CHECKING:
    from gureum.apply.result import Result
    from gureum.hosts import Session

Emit = Callable[[Any], None]


@dataclass(frozen=True)
class Ready:
    """A cloud whose hosts are connected: what they are to be, and what they are now."""

    deployment: Deployment
    sessions: Mapping[str, Session]
    blueprint: Blueprint
    facts: Mapping[str, Mapping[str, Any]]
    journal: Journal
    provider: IPv4Network | None = None

    def plan(self) -> Plan:
        """Read every step's present state and return what an apply would do."""
        edits = self.edits()
        plan = make_plan(
            self.blueprint.steps,
            edits.as_adopted(read_steps(self.blueprint.steps, self.sessions)),
            redact=self.blueprint.secrets.redactor(),
            owed=self.journal.owed(),
        )
        steps = {step.key: step for step in self.blueprint.steps}
        return with_versions(edits.marked(plan), steps, self.sessions)

    def edits(self) -> Edits:
        """Return what tells a hand edit of a file from a change of the input or of gureum."""
        return Edits(self.deployment, self.blueprint, self.sessions)


@contextlib.contextmanager
def connected(
    deployment: Deployment, emit: Emit, *, make: bool = False, skip_unreachable: bool = False
) -> Iterator[Ready]:
    """Connect every host of the cloud; `make` brings the lab's hosts up first.

    `skip_unreachable` goes on without compute hosts that do not answer. Raises HostsNotReady with
    all that is wrong with the hosts, ConfigError for options that do not hold together.
    """
    from gureum.hosts import Connections

    def say(text: str) -> None:
        emit(Message("lab", text))

    # A wrong option stops everything before a host is made or touched.
    deployment.check_options()
    check_moves(deployment)
    lab = hosts.open_lab(deployment, say) if deployment.in_lab else None
    if lab is not None and lab.hosts():
        refuse_another_driver(deployment, {"the lab": built_with(deployment.folder)})
    if lab is not None and make:
        hosts.make_lab_hosts(deployment, lab, emit)
    with Connections() as connections:
        emit(Message("facts", "connecting"))
        addresses = hosts.addresses(deployment, lab)
        before = kept_facts(deployment.folder)
        sessions, looks = ask(connections, hosts.targets(deployment, lab))
        left = LeftBehind(deployment, sessions)
        check_disks(deployment, sessions)
        check_objects(deployment, sessions)
        check_keeper(deployment, sessions)
        refuse_another_driver(
            deployment, standing({n: look.facts for n, look in looks.items() if look.answered})
        )
        skipped: tuple[str, ...] = ()
        if skip_unreachable and (skipped := absent(deployment, looks, before)):
            emit(Warned(tuple(_left_out(deployment, looks[name]) for name in skipped)))
        seen = {n: look for n, look in looks.items() if n not in skipped}
        blueprint, raw = _grounded(
            deployment, seen, addresses, before=before, emit=emit, skipped=skipped
        )
        deployment.keep(blueprint)
        names = next(iter(blueprint.contexts.values())).api_names
        driver = deployment.cloud.network.driver.value
        keep_facts(deployment.folder, addresses, raw, names, driver, asked=sessions)
        pin(names)
        journal = Journal(deployment.folder.journal)
        provider = lab.provider if lab else None
        if warnings := left.warnings():
            emit(Warned(warnings))
        yield Ready(deployment, sessions, blueprint.without(skipped), raw, journal, provider)


def _grounded(
    deployment: Deployment,
    looks: Mapping[str, Look],
    addresses: Mapping[str, str],
    *,
    before: Raw,
    emit: Emit,
    skipped: Collection[str],
) -> tuple[Blueprint, Raw]:
    """Return what the hosts are to be and what they said; raises HostsNotReady for bad grounds."""
    said = {name: look.facts for name, look in looks.items()}
    raw = {name: said.get(name) or before.get(name, {}) for name in deployment.cloud.hosts}
    blueprint: Blueprint | None = None
    if all(raw.values()):
        # Without it, as where a network lacks a NIC, services are only asked for their ports.
        with contextlib.suppress(HostError):
            blueprint = deployment.blueprint(addresses, raw, absent=skipped)
    ports = blueprint.ports if blueprint else None
    found = scene(deployment, looks, addresses, before, ports)
    wrong = findings(found)
    keep_states(deployment.folder, found, wrong)
    if blueprint is None or any(f.severity is Severity.ERROR for f in wrong):
        raise HostsNotReady(found, wrong, hint=_way_on(deployment, looks, skipped))
    new = [f.diagnostic() for f in wrong if f.host not in before]
    if warnings := (*blueprint.warnings, *new):
        emit(Warned(warnings))
    return blueprint, raw


def _left_out(deployment: Deployment, look: Look) -> Diagnostic:
    assert look.refused is not None
    return Diagnostic(
        f"going on without {look.host}: {look.refused.meaning}",
        severity=Severity.WARNING,
        detail="it stays as it is, and gets what it missed from the next apply that reaches it",
        hint=typed(deployment.loaded, "host check", look.host),
    )


def _way_on(deployment: Deployment, looks: Mapping[str, Look], skipped: Collection[str]) -> str:
    """Return the hint that goes with hosts that are not ready."""
    gone = [look.host for look in looks.values() if not look.answered]
    computes = {
        name for name, host in deployment.cloud.hosts.items() if set(host.roles) == {Role.COMPUTE}
    }
    if gone and not skipped and set(gone) <= computes:
        return f"{typed(deployment.loaded, 'apply')} --skip-unreachable goes on without {', '.join(gone)}"
    return typed(deployment.loaded, "host check")


Accept = Callable[[Ready, Plan], None]
"""Is shown a plan before anything is touched; raises to refuse it."""


def apply(
    ready: Ready, emit: Emit, accept: Accept | None = None, *, keep_edits: bool = False
) -> Result:
    """Bring every host into its wanted state; one apply of a cloud at a time.

    What `accept` raises about the plan stops it before anything is touched. What somebody edited by
    hand is told and copied before it is written over; with `keep_edits` nothing is changed then,
    and GureumError raised.
    """
    from gureum.apply import run

    with ready.journal.lock():
        emit(Message("plan", "reading the hosts"))
        plan = ready.plan()
        if accept is not None:
            accept(ready, plan)
        edits = ready.edits()
        edits.before(plan, emit, keep=keep_edits)
        keep_input(ready.deployment.folder, ready.deployment.loaded)
        changing = {step.key for step in plan.changes}
        way = bundle_way(
            ready.deployment.cloud,
            [step for step in ready.blueprint.steps if step.key in changing],
            ready.sessions,
            {
                name: f"{said['os']['id']}-{said['os']['version']}"
                for name, said in ready.facts.items()
            },
            lambda text: emit(Message("plan", text)),
        )
        with way, edits.remembered(plan, emit) as remember:
            return run(
                ready.blueprint.steps,
                ready.sessions,
                plan=plan,
                journal=ready.journal,
                emit=remember,
                redact=ready.blueprint.secrets.redactor(),
                ssh=lambda host: typed(ready.deployment.loaded, "ssh", host),
            )
