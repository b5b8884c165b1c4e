"""What only the hosts themselves can say, asked while they answer; the report stands without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gureum.errors import GureumError
from gureum.operate import hosts
from gureum.operate.background import Background
from gureum.operate.deployment import Deployment
from gureum.operate.health import CloudHealth
from gureum.operate.status import look

TIMEOUT = 10.0


@dataclass(frozen=True, kw_only=True)
class Live:
    """How the cloud feels, and the distribution's packages with versions by host.

    `silent` says why nobody was asked or answered; `health` is None then.
    """

    health: CloudHealth | None = None
    packages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    silent: str = ""


def ask(deployment: Deployment, packages: Mapping[str, tuple[str, ...]]) -> Live:
    """Ask all hosts; one that is down is told in the health, all of them down make it silent."""
    versions = Background(lambda: _versions(deployment, packages))
    try:
        health = look(deployment)
    except GureumError as error:
        return Live(silent=error.summary)
    try:
        return Live(health=health, packages=versions.result())
    except GureumError:
        return Live(health=health)


def _versions(
    deployment: Deployment, packages: Mapping[str, tuple[str, ...]]
) -> dict[str, Mapping[str, str]]:
    from gureum.hosts import Connections
    from gureum.remote.packages import versions

    lab = hosts.open_lab(deployment, lambda _: None) if deployment.in_lab else None
    found: dict[str, Mapping[str, str]] = {}
    with Connections() as connections:
        sessions, _ = connections.try_open(hosts.targets(deployment, lab))
        jobs = {
            name: session.submit(versions, list(packages.get(name, ())))
            for name, session in sessions.items()
        }
        for name, job in jobs.items():
            try:
                found[name] = job.result(TIMEOUT)
            except GureumError:
                continue
    return found
