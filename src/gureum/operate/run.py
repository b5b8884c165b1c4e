"""From an input to a cloud: hosts, facts, plan, apply. `up` reads from top to bottom in `run_up`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from gureum.apply.events import Message, Warned
from gureum.apply.journal import Journal
from gureum.operate import hosts
from gureum.operate.bundle_way import bundle_way
from gureum.operate.deployment import Blueprint, Deployment
from gureum.operate.driver import refuse_another_driver, standing
from gureum.operate.edits import Edits
from gureum.operate.kept_input import keep_input
from gureum.operate.known import built_with, keep_facts
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
def connected(deployment: Deployment, emit: Emit, *, make: bool = False) -> Iterator[Ready]:
    """Connect every host of the cloud; `make` brings the lab's hosts up first.

    Raises HostError for hosts that cannot be reached, InputError for hosts that are not ready,
    ConfigError for options that do not hold together.
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
        sessions = connections.open(hosts.targets(deployment, lab))
        raw = deployment.facts(sessions)
        refuse_another_driver(deployment, standing(raw))
        addresses = hosts.addresses(deployment, lab)
        blueprint = deployment.blueprint(addresses, raw)
        if blueprint.warnings:
            emit(Warned(blueprint.warnings))
        deployment.check_grounds(blueprint, raw)
        deployment.keep(blueprint)
        names = next(iter(blueprint.contexts.values())).api_names
        driver = deployment.cloud.network.driver.value
        keep_facts(deployment.folder, addresses, raw, names, driver)
        pin(names)
        journal = Journal(deployment.folder.journal)
        provider = lab.provider if lab else None
        yield Ready(deployment, sessions, blueprint, raw, journal, provider)


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
