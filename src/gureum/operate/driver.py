"""Keeps a cloud's network driver what it is: it cannot be changed where networks exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gureum.errors import GureumError
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed


def refuse_another_driver(deployment: Deployment, standing: Mapping[str, str]) -> None:
    """Raise GureumError where hosts have another driver than the input wants.

    `standing` is the driver of each host, an empty text where it has none. Every port in neutron's
    database is bound by its driver, and the switches of running VMs are wired by it.
    """
    wanted = deployment.cloud.network.driver.value
    others = {host: driver for host, driver in standing.items() if driver not in ("", wanted)}
    if not others:
        return
    driver = next(iter(others.values()))
    if deployment.in_lab:
        down, up = (typed(deployment.loaded, word) for word in ("down", "up"))
        way = f"{down}; then {up}"
    else:
        way = "build the other cloud on hosts of its own"
    raise GureumError(
        f"the cloud stands with network.driver: {driver}, which cannot become {wanted}",
        detail=f"{', '.join(others)}: every network, port and router there is wired by {driver}; a change "
        "would cut off every VM",
        hint=f"keep network.driver: {driver}; or begin anew, without what is in the cloud: {way}",
    )


def standing(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the driver of each host by the facts of the hosts."""
    return {host: str(said.get("network_driver", "")) for host, said in facts.items()}
