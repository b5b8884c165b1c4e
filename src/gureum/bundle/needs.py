"""What hosts of a release install: package lists and locks, read from the services themselves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gureum.lab.rootfs import PACKAGES as LAB_PACKAGES
from gureum.model.cloud import Cloud, Driver, Host, Role
from gureum.releases import Release, load_release
from gureum.services import declarations
from gureum.services.context import Context, HostFacts
from gureum.state.secrets import Secrets

_ADDRESS = "192.0.2.11"


@dataclass(frozen=True)
class Needs:
    """What a bundle must hold for a release.

    `lists` are the distinct package lists of hosts. Each is resolved by itself: what serves one
    host's need must not stand in for what another host, with fewer packages, needs.
    """

    release: Release
    lists: tuple[tuple[str, ...], ...]

    @property
    def packages(self) -> tuple[str, ...]:
        """The names of all packages that hosts ask for."""
        return tuple(sorted({name for names in self.lists for name in names}))


def needs_of(cloud: Cloud) -> Needs:
    """Return what the hosts of a cloud install, and lab hosts below that."""
    return _needs(cloud.release, [cloud])


def every_need(release: str) -> Needs:
    """Return what hosts of any role may install, whatever a cloud.yaml chooses."""
    return _needs(release, list(_every_cloud(release)))


def _needs(release: str, clouds: list[Cloud]) -> Needs:
    lists = {names: None for cloud in clouds for names in _package_lists(cloud)}
    return Needs(load_release(release), (*lists, tuple(sorted(LAB_PACKAGES))))


def _every_cloud(release: str) -> Iterator[Cloud]:
    """Yield clouds that between them choose everything that decides on a package."""
    every = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)
    for driver in Driver:
        yield Cloud.model_validate(
            {
                "release": release,
                "network": {"driver": driver},
                "hosts": {
                    "all": Host(roles=every),
                    **{f"only-{role}": Host(roles=(role,)) for role in every},
                },
            }
        )


def _package_lists(cloud: Cloud) -> Iterator[tuple[str, ...]]:
    """Yield the package list of each host; declarations are pure, so no host is asked."""
    with tempfile.TemporaryDirectory(prefix="gureum-needs-") as place:
        secrets = Secrets(Path(place) / "secrets.json")
        for host in cloud.hosts:
            context = Context(
                cloud=cloud,
                host=host,
                facts=HostFacts(),
                secrets=secrets,
                release=load_release(cloud.release),
                addresses=dict.fromkeys(cloud.hosts, _ADDRESS),
            )
            yield tuple(sorted({name for d in declarations(context) for name in d.packages}))
