"""The cloud that is built where nobody describes one: an all-in-one in one lab host."""

from __future__ import annotations

from gureum.model.cloud import Cloud, Host, Role

ALL_IN_ONE_ROLES = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)


def all_in_one(name: str = "cloud") -> Cloud:
    """Return the all-in-one (R-TOPO-1). Images are files on it, so it needs no storage role."""
    return Cloud(name=name, hosts={"one": Host(roles=ALL_IN_ONE_ROLES)})
