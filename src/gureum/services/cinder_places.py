"""Which of a cloud's backends of volumes a host serves."""

from __future__ import annotations

from gureum.model.cloud import Role
from gureum.model.storage import BackendKind, VolumeBackend
from gureum.services.context import Context


def served(c: Context) -> dict[str, VolumeBackend]:
    """Return the backends of the context's host: LVM on its storage hosts, all else on controllers."""
    controller = c.has(Role.CONTROLLER)
    return {
        name: backend
        for name, backend in c.cloud.backends.items()
        if (c.host in c.cloud.hosts_of_lvm(backend) if of_lvm(backend) else controller)
    }


def of_lvm(backend: VolumeBackend) -> bool:
    """Tell whether volumes of a backend lie on one host alone."""
    return backend.kind is BackendKind.LVM


def shared(c: Context) -> bool:
    """Tell whether all that the context's host serves is served by every controller alike."""
    return bool(served(c)) and not any(map(of_lvm, served(c).values()))


def scheduled(c: Context) -> tuple[str, ...]:
    """Return the backends of the context's host by the names that cinder's scheduler knows: `one@fast`."""
    whose = c.cloud.name if shared(c) else c.host
    return tuple(f"{whose}@{name}" for name in served(c))


def kinds(c: Context) -> frozenset[BackendKind]:
    """Return what volumes of the cloud are made of."""
    return frozenset(backend.kind for backend in c.cloud.backends.values())


def volume_hosts(c: Context) -> tuple[str, ...]:
    """Return every host that runs cinder-volume."""
    backends = c.cloud.backends.values()
    found = dict.fromkeys(c.controllers if not all(map(of_lvm, backends)) else ())
    found.update(dict.fromkeys(name for b in backends for name in c.cloud.hosts_of_lvm(b)))
    return tuple(name for name in c.cloud.hosts if name in found)


def elsewhere(c: Context) -> bool:
    """Tell whether a host that is no controller runs cinder-volume."""
    return bool(set(volume_hosts(c)) - set(c.controllers))
