"""Asks all hosts of a cloud at once what they are, and makes the scene that findings are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gureum.errors import GureumError, HostError
from gureum.operate.host_check.scene import Look, Scene
from gureum.operate.nics import resolve
from gureum.remote import facts, grounds
from gureum.services.context import Context, HostFacts
from gureum.services.declaration import Port

if TYPE_CHECKING:
    from gureum.hosts import Connections, Session, Target
    from gureum.operate.deployment import Deployment

TIMEOUT = 15.0
"""Seconds that a host has for its answer, once it let us in."""
TRIES = 3
"""How often a clock is asked: the quickest answer tells best."""


def ask(
    connections: Connections, targets: Sequence[Target]
) -> tuple[dict[str, Session], dict[str, Look]]:
    """Return the sessions that could be opened, and every host's answer or refusal."""
    sessions, refused = connections.try_open(targets)
    looks = {t.name: Look(t.name, t.where(), refused=refused.get(t.name)) for t in targets}
    if not sessions:
        return {}, looks
    by_name = {t.name: t for t in targets}
    with ThreadPoolExecutor(min(len(sessions), 32)) as pool:
        jobs = {n: pool.submit(_ask_one, by_name[n], s) for n, s in sessions.items()}
        looks |= {name: job.result() for name, job in jobs.items()}
    return {n: s for n, s in sessions.items() if looks[n].answered}, looks


def _ask_one(target: Target, session: Session) -> Look:
    from gureum.hosts import Refused

    look = Look(target.name, target.where())
    try:
        offset, margin = min((_clock(session) for _ in range(TRIES)), key=lambda told: told[1])
        said, rest = session.submit(facts.facts), session.submit(grounds.grounds)
        return replace(
            look,
            facts=said.result(TIMEOUT),
            grounds=rest.result(TIMEOUT),
            offset=offset,
            margin=margin,
        )
    except TimeoutError:
        hint = " ".join(target.ssh_command("uptime"))
        what = f"it lets us in, and does not say what it is within {TIMEOUT:.0f} s"
        return replace(look, refused=Refused(target, "stuck", what, hint=hint))
    except HostError as error:
        return replace(look, refused=Refused(target, "lost", error.summary, hint=error.hint))


def _clock(session: Session) -> tuple[float, float]:
    """Return by how much a host's clock is ahead of this machine's, and how sure that is."""
    import time

    began, ticks = time.time(), time.monotonic()
    told = session.call(grounds.clock, timeout=TIMEOUT)
    took = time.monotonic() - ticks
    return told - (began + took / 2), took / 2


def scene(
    deployment: Deployment,
    looks: Mapping[str, Look],
    addresses: Mapping[str, str],
    before: Mapping[str, Mapping[str, Any]],
    ports: Callable[[str], Sequence[Port]] | None = None,
) -> Scene:
    """Return the scene; `ports` are what each host is to serve, by default as it is declared."""
    cloud = deployment.cloud
    full = {
        name: replace(look, nics=resolve(cloud, name, look.facts)) if look.answered else look
        for name, look in looks.items()
    }
    served = ports or _declared(deployment, full, addresses)
    return Scene(
        cloud=cloud,
        looks={n: replace(look, ports=served(n)) for n, look in full.items()},
        before=before,
        authority=_authority(deployment),
        addresses=addresses,
    )


def _declared(
    deployment: Deployment, looks: Mapping[str, Look], addresses: Mapping[str, str]
) -> Callable[[str], Sequence[Port]]:
    """Return what gives the ports that services declare for a host, which may lack a NIC yet."""
    from gureum.operate.facts import host_facts
    from gureum.releases import load_release
    from gureum.services import declarations

    release = load_release(deployment.cloud.release)
    secrets = deployment.folder.secrets()
    everywhere = {name: addresses.get(name, "") for name in deployment.cloud.hosts}

    def ports(host: str) -> Sequence[Port]:
        look = looks[host]
        if not look.answered:
            return ()
        try:
            known = host_facts(deployment.cloud, host, look.facts)
        except GureumError:
            known = HostFacts()
        context = Context(deployment.cloud, host, known, secrets, release, everywhere)
        return [port for declared in declarations(context) for port in declared.ports]

    return ports


def _authority(deployment: Deployment) -> str:
    try:
        return deployment.folder.ca.read_text()
    except OSError:
        return ""
