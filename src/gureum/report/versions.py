"""What is installed: gureum, OpenStack by the release's lock, and the distribution's packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gureum import __version__
from gureum.errors import InputError
from gureum.operate.deployment import Blueprint

BESIDE = ("uwsgi", "oslo.messaging", "sqlalchemy", "openvswitch", "ovs")
"""Python packages worth naming beside the services, where the release locks them."""


@dataclass(frozen=True, kw_only=True)
class Versions:
    """Versions by name; `packages` are by package and host, empty where no host was asked."""

    gureum: str
    release: str
    openstack: Mapping[str, str]
    python: Mapping[str, str]
    packages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def wanted_packages(blueprint: Blueprint) -> dict[str, tuple[str, ...]]:
    """Return the distribution's packages that each host needs."""
    return {
        name: tuple(sorted({p for d in host.declarations for p in d.packages}))
        for name, host in blueprint.hosts.items()
    }


def versions(blueprint: Blueprint, installed: Mapping[str, Mapping[str, str]]) -> Versions:
    """Return all versions; `installed` is what hosts said of the distribution's packages."""
    release = next(iter(blueprint.contexts.values())).release
    services = dict.fromkeys(d.service for h in blueprint.hosts.values() for d in h.declarations)

    def locked(names: object) -> dict[str, str]:
        found = {}
        for name in names:  # type: ignore[attr-defined]
            try:
                found[name] = release.version(name)
            except InputError:
                continue
        return found

    by_package: dict[str, dict[str, str]] = {}
    for host, packages in installed.items():
        for package, version in packages.items():
            by_package.setdefault(package, {})[host] = version
    return Versions(
        gureum=__version__,
        release=release.name,
        openstack=locked(services),
        python=locked(BESIDE),
        packages=dict(sorted(by_package.items())),
    )
