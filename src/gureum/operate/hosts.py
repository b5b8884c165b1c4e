"""The hosts of a cloud, ready to be driven: made in the lab where the input says so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gureum.apply.events import Message
from gureum.apply.journal import Journal
from gureum.diagnostics import Severity
from gureum.errors import HostError, InputError
from gureum.model.cloud import Cloud, Connection, Host
from gureum.model.ssh_rules import jumps
from gureum.operate.bundle_way import bundle_way, source_of
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed
from gureum.plan.build import HostBlueprint
from gureum.state.folder import CloudFolder
from gureum.steps.step import Step

if TYPE_CHECKING:
    from gureum.bundle import Source
    from gureum.hosts import Target
    from gureum.lab import Lab, LabHost, LabPackages, Limits

Say = Callable[[str], None]
Emit = Callable[[Any], None]


def open_lab(deployment: Deployment, say: Say) -> Lab:
    """Return the lab of a cloud whose hosts gureum makes itself."""
    from gureum.lab import Lab
    from gureum.state.folder import cache, home

    name = deployment.cloud.name
    lab = Lab(name=name, home=home() / "lab" / name, cache=cache(), say=say)
    lab.internet = deployment.cloud.lab.internet
    lab.limits = limits(deployment.cloud)
    return lab


def limits(cloud: Cloud) -> Limits:
    """Return what the machine keeps of images of lab hosts, as the input says."""
    from gureum.lab import Limits

    return Limits(cloud.lab.images.days, cloud.lab.images.gb)


def make_lab_hosts(deployment: Deployment, lab: Lab, emit: Emit) -> None:
    """Bring the lab's hosts up, from an image with everything installed that is made once.

    The image is built by the INSTALL steps that a real server goes through, then frozen under a key
    made of those very steps: a changed package list or lock makes a new image, and nothing else does.
    """
    blueprints = deployment.check_options().hosts
    lab.install_tools()
    problems = lab.check_machine()
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputError("this machine cannot hold the lab yet", problems)
    for problem in problems:
        emit(Message("lab", f"{problem.summary}{f' ({problem.hint})' if problem.hint else ''}"))
    os = deployment.cloud.lab.os
    source = source_of(deployment.cloud)
    base = lab.base_image(os, lab_packages(source))
    # Hosts of the same roles install the same, and share an image.
    keys = {name: _key(os, source, b.install_steps) for name, b in blueprints.items()}
    makers = {key: blueprints[name] for name, key in reversed(keys.items())}

    def install(hosts: Mapping[str, LabHost]) -> None:
        _install(deployment, lab, {key: (host, makers[key]) for key, host in hosts.items()}, emit)

    images = lab.frozen_images(makers, base, install)
    lab.create({name: images[key] for name, key in keys.items()})


def lab_packages(source: Source | None) -> LabPackages | None:
    """Return what a lab's root file system is made of, where that is a bundle."""
    from gureum.bundle.manifest import INDEX
    from gureum.lab import LabPackages

    if source is None:
        return None
    place = source.url if source.folder is None else f"copy:{source.folder.resolve()}"
    apt = f"deb [trusted=yes] {place}/debian ./\n"
    return LabPackages(apt, source.manifest.by_path[INDEX].sha256)


def targets(deployment: Deployment, lab: Lab | None) -> list[Target]:
    """Return how every host of the cloud is reached; raises HostError for one not made yet."""

    found = []
    in_lab = {host.name: host for host in lab.hosts()} if lab else {}
    for name, host in deployment.cloud.hosts.items():
        if host.connection is Connection.LAB and lab:
            if name not in in_lab:
                raise HostError(
                    f"the lab host {name!r} of the cloud {deployment.cloud.name!r} is not made yet",
                    detail=f"its lab would be in {lab.home}",
                    hint=typed(deployment.loaded, "up"),
                )
            found.append(_lab_target(lab, in_lab[name]))
        else:
            found.append(target(deployment.folder, name, host))
    return found


def target(folder: CloudFolder, name: str, host: Host) -> Target:
    """Return how a host that gureum does not make is reached, by the input and ssh's configuration."""
    from gureum.hosts import Jump, Target
    from gureum.hosts.openssh import resolve

    address = str(host.address or "")
    if host.connection is Connection.LOCAL:
        return Target(name=name, connection="local", address=address)
    way = resolve(host.ssh_host or address, host.user, host.port)
    return Target(
        name=name,
        connection=host.connection.value,
        address=address,
        ssh_host=host.ssh_host or "",
        port=way.port,
        user=way.user,
        identity=Path(host.identity).expanduser() if host.identity else None,
        known_hosts=(folder.known_hosts, *way.known_hosts),
        jumps=tuple(Jump(at, user, port) for user, at, port in jumps(host.jump or "")),
    )


def addresses(deployment: Deployment, lab: Lab | None) -> dict[str, str]:
    """Return every host's management address."""
    if lab:
        return {host.name: str(host.address) for host in lab.hosts()}
    return {name: str(host.address) for name, host in deployment.cloud.hosts.items()}


def _lab_target(lab: Lab, host: LabHost) -> Target:
    from gureum.hosts import Target

    return Target(
        name=host.name,
        connection="lab",
        address=str(host.address),
        identity=lab.ssh_identity,
        known_hosts=(lab.known_hosts,),
    )


def _key(os: str, source: Source | None, steps: tuple[Step, ...]) -> str:
    parts = [os, *(f"{step.id} {sorted(step.state.spec().items())}" for step in steps)]
    if source is not None:
        # What comes from a bundle is as old as the bundle: another one makes another image.
        parts.append(source.manifest.digest)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _install(
    deployment: Deployment,
    lab: Lab,
    made: Mapping[str, tuple[LabHost, HostBlueprint]],
    emit: Emit,
) -> None:
    """Apply the INSTALL steps to hosts that are to be frozen, and keep their units from starting."""
    from gureum.apply import run
    from gureum.hosts import Connections
    from gureum.plan import make_plan, read_steps
    from gureum.remote.quiet import quiet

    steps = [step for _, blueprint in made.values() for step in blueprint.install_steps]
    # The steps speak of the host of the cloud, which the temporary one stands for.
    stands_for = {host.name: b.install_steps[0].host for host, b in made.values()}
    with Connections() as connections:
        opened = connections.open([_lab_target(lab, host) for host, _ in made.values()])
        sessions = {stands_for[name]: session for name, session in opened.items()}
        plan = make_plan(steps, read_steps(steps, sessions))
        journal = Journal(lab.home / "image.jsonl")
        systems = {stands_for[host.name]: host.os for host, _ in made.values()}

        def say(text: str) -> None:
            emit(Message("image", text))

        with bundle_way(deployment.cloud, steps, sessions, systems, say):
            run(steps, sessions, plan=plan, journal=journal, emit=emit).raise_for_failures()
        for host, blueprint in made.values():
            sessions[stands_for[host.name]].call(quiet, blueprint.shipped_units)
