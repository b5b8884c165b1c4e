"""A host that is to leave: how it is reached, what runs there, also when the input lacks it already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gureum.diagnostics import Diagnostic, did_you_mean
from gureum.errors import GureumError, InputError
from gureum.model.cloud import Host, Role
from gureum.model.load import load
from gureum.operate import hosts
from gureum.operate.deployment import Deployment
from gureum.operate.kept_input import kept_input
from gureum.operate.known import known
from gureum.operate.typed import typed
from gureum.services.systemd import file_name
from gureum.steps.states import FileWritten

if TYPE_CHECKING:
    from gureum.hosts import Target
    from gureum.plan.build import HostBlueprint

KEPT = ("base", "chrony", "firewall")
"""Services that a host keeps when it leaves: its name, its time, and who may come to it."""
IDENTITY = "/var/lib/nova/compute_id"
"""By this file a nova-compute knows its record again; a host that leaves has none any more."""


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """A host on its way out; `target` is None where nobody knows any more how it is reached.

    `unmade` is a lab host that does not exist: nothing can run there.
    """

    name: str
    roles: tuple[Role, ...]
    in_input: bool
    in_lab: bool
    unmade: bool
    target: Target | None
    controllers: tuple[Target, ...]
    watchers: tuple[Target, ...]
    units: tuple[str, ...]
    kept: tuple[str, ...]
    files: tuple[str, ...]


def leaving(deployment: Deployment, host: str) -> Leaving:
    """Return what is known of the host.

    Raises InputError for a name that neither the input, nor the last apply, nor the lab has, and for
    a controller.
    """
    cloud = deployment.cloud
    lab = hosts.open_lab(deployment, lambda _: None) if deployment.in_lab else None
    made = {one.name for one in lab.hosts()} if lab else set()
    described = cloud.hosts.get(host) or _as_before(deployment, host)
    if described is None and host in made:
        described = Host(roles=(Role.COMPUTE,))
    roles = described.roles if described else (Role.COMPUTE,)
    if Role.CONTROLLER in roles:
        raise InputError(
            f"{host!r} cannot be removed",
            [
                Diagnostic(
                    f"{host} is a controller: the API, the database and the queue run there",
                    hint=typed(deployment.loaded, "down")
                    if lab
                    else "describe another controller first",
                )
            ],
        )
    whole = _with(deployment, host, described) if described else deployment
    reachable = described is not None and (lab is None or host in made)
    controllers = [name for name, _ in cloud.hosts_with(Role.CONTROLLER)]
    stores = [name for name, _ in cloud.hosts_with(Role.STORAGE) if cloud.deploys_ceph]
    watchers = {name for name in stores if name != host and (lab is None or name in made)}
    targets = {
        t.name: t
        for t in hosts.targets(
            _of(whole, {*controllers, *watchers, *([host] if reachable else [])}), lab
        )
    }
    blueprint = known(whole).blueprint.hosts.get(host) if described else None
    return Leaving(
        name=host,
        roles=roles,
        in_input=host in cloud.hosts,
        in_lab=host in made,
        unmade=lab is not None and described is not None and host not in made,
        target=targets.get(host) if reachable else None,
        controllers=tuple(targets[name] for name in controllers),
        watchers=tuple(targets[name] for name in sorted(watchers) if name in targets),
        units=_units(blueprint, ended=True) if blueprint else (),
        kept=_units(blueprint, ended=False) if blueprint else (),
        files=_secret_files(deployment, blueprint) if blueprint else (),
    )


def check_known(deployment: Deployment, host: str, on_record: list[str]) -> None:
    """Raise InputError with the nearest names for a host that nobody has ever heard of."""
    if host in deployment.cloud.hosts or on_record or _as_before(deployment, host):
        return
    raise InputError(
        f"{host!r} cannot be removed",
        [
            Diagnostic(
                f"no host of the cloud {deployment.cloud.name!r} is named {host!r}, "
                "and no record of one is left",
                hint=did_you_mean(host, deployment.cloud.hosts)
                or typed(deployment.loaded, "host list"),
            )
        ],
    )


def _as_before(deployment: Deployment, host: str) -> Host | None:
    """Return the host as the input of the last apply described it, which may have it still."""
    kept = kept_input(deployment.folder)
    if kept is None:
        return None
    try:
        return load(kept.file, kept.text).cloud.hosts.get(host)
    except GureumError:
        return None


def _with(deployment: Deployment, host: str, described: Host) -> Deployment:
    loaded = deployment.loaded
    if host in loaded.cloud.hosts:
        return deployment
    cloud = loaded.cloud.model_copy(update={"hosts": {**loaded.cloud.hosts, host: described}})
    return Deployment(replace(loaded, cloud=cloud), deployment.folder)


def _of(deployment: Deployment, names: set[str]) -> Deployment:
    """Return the cloud with these of its hosts alone: others may be down, or not made yet."""
    loaded = deployment.loaded
    some = {name: host for name, host in loaded.cloud.hosts.items() if name in names}
    cloud = loaded.cloud.model_copy(update={"hosts": some})
    return Deployment(replace(loaded, cloud=cloud), deployment.folder)


def _units(blueprint: HostBlueprint, *, ended: bool) -> tuple[str, ...]:
    """Return the units that end there, those that were declared last first, or those that stay."""
    return tuple(
        file_name(unit)
        for d in reversed(blueprint.declarations)
        for unit in reversed(d.units)
        if (not unit.hosts_own and d.service not in KEPT) == ended
    )


def _secret_files(deployment: Deployment, blueprint: HostBlueprint) -> tuple[str, ...]:
    """Return the files that hold passwords or keys of the cloud: they are not the host's any more."""
    secrets = deployment.folder.secrets()
    written = [s.state for s in blueprint.steps if isinstance(s.state, FileWritten)]
    return (
        *(s.path for s in written if s.hidden or secrets.names_in(s.content)),
        IDENTITY,
    )
