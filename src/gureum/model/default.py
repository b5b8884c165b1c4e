"""The clouds that are built where nobody describes one: an all-in-one, or another shape, in a lab."""

from __future__ import annotations

from collections.abc import Callable

from gureum.model.cloud import Cloud, Host, Role

ALL_IN_ONE_ROLES = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)


def three_node(name: str = "cloud") -> Cloud:
    """Return controller, network and compute on three hosts (R-TOPO-2)."""
    roles = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)
    return Cloud(name=name, hosts={role.value: Host(roles=(role,)) for role in roles})


def all_in_one(name: str = "cloud") -> Cloud:
    """Return the all-in-one (R-TOPO-1). Images are files on it, so it needs no storage role."""
    return Cloud(name=name, hosts={"one": Host(roles=ALL_IN_ONE_ROLES)})


SHAPES: dict[str, Callable[[str], Cloud]] = {"all-in-one": all_in_one, "three-node": three_node}
"""The shapes that need no input, by name."""
