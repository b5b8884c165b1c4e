"""The hosts of a cloud as they stand in the input, and as they were when last looked at."""

from __future__ import annotations

import time
from dataclasses import dataclass

from gureum.model.cloud import Connection, Host
from gureum.operate.deployment import Deployment
from gureum.operate.host_check.last import last_states
from gureum.operate.known import last_seen


@dataclass(frozen=True)
class ListedHost:
    """One host: `seen` is the UNIX time of its last answer, None before the first."""

    name: str
    roles: tuple[str, ...]
    address: str
    reached: str
    seen: float | None
    state: str


@dataclass(frozen=True)
class HostList:
    """The hosts of a cloud at a moment."""

    cloud: str
    time: float
    hosts: tuple[ListedHost, ...]


def listed(deployment: Deployment) -> HostList:
    """Return the hosts of a cloud; no host is asked."""
    in_lab = _lab_hosts(deployment)
    seen = last_seen(deployment.folder)
    states = last_states(deployment.folder)
    for name, last in states.items():
        if last["state"] != "unreachable":
            seen[name] = max(seen.get(name, 0.0), float(str(last["time"])))
    hosts = []
    for name, host in deployment.cloud.hosts.items():
        address, state = in_lab.get(name, (str(host.address or ""), "not made yet"))
        if host.connection is not Connection.LAB:
            state = str(states.get(name, {}).get("state", "never seen"))
        hosts.append(
            ListedHost(
                name=name,
                roles=tuple(role.value for role in host.roles),
                address=address,
                reached=reached(host),
                seen=seen.get(name),
                state=state,
            )
        )
    return HostList(deployment.cloud.name, time.time(), tuple(hosts))


def reached(host: Host) -> str:
    """Return how a host is reached, as a person says it."""
    if host.connection is Connection.LOCAL:
        return "this machine"
    if host.connection is Connection.LAB:
        return "lab"
    user = f" as {host.user}" if host.user else ""
    port = f" port {host.port}" if host.port else ""
    way = f" through {host.jump}" if host.jump else ""
    return f"SSH{f' to {host.ssh_host}' if host.ssh_host else ''}{user}{port}{way}"


def _lab_hosts(deployment: Deployment) -> dict[str, tuple[str, str]]:
    """Return address and state of the hosts that are made already, by name."""
    if not deployment.in_lab:
        return {}
    from gureum.operate.hosts import open_lab

    made = open_lab(deployment, lambda _: None).hosts()
    return {h.name: (str(h.address), "running" if h.running else "stopped") for h in made}
