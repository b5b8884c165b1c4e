"""Finds out what is wrong with hosts before anything on them is changed (R-PREP-8).

One kind of finding is one file with a function `find(scene)`, in the list below. Each is a pure
function of what the hosts said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gureum.operate.host_check import (
    clock,
    firewall,
    leftovers,
    mtu,
    names,
    networkmanager,
    nics,
    ports,
    reached,
    size,
    storage,
    system,
    twins,
    virtualisation,
)
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Look, Scene

FINDERS: tuple[Callable[[Scene], Iterable[Finding]], ...] = (
    reached.find,
    system.find,
    size.find,
    clock.find,
    nics.find,
    mtu.find,
    networkmanager.find,
    ports.find,
    leftovers.find,
    firewall.find,
    twins.find,
    names.find,
    virtualisation.find,
    storage.find,
)


def findings(scene: Scene) -> list[Finding]:
    """Return all that is wrong with the hosts, in the input's order and the worst kinds first."""
    found = [finding for find in FINDERS for finding in find(scene)]
    places = list(scene.looks)
    return sorted(found, key=lambda finding: places.index(finding.host))


__all__ = ["FINDERS", "Finding", "Look", "Scene", "findings"]
