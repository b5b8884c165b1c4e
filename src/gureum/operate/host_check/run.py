"""`gureum host check`: asks the hosts and returns what was found; nothing on them is changed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from gureum.operate import hosts
from gureum.operate.chosen_hosts import chosen_hosts
from gureum.operate.deployment import Deployment
from gureum.operate.host_check import Finding, Scene, findings
from gureum.operate.host_check.asking import ask, scene
from gureum.operate.host_check.last import keep_states
from gureum.operate.known import kept_facts


@dataclass(frozen=True)
class Checked:
    """The scene, what was found in it, and how many seconds that took."""

    scene: Scene
    findings: tuple[Finding, ...]
    seconds: float


def checked(deployment: Deployment, names: Sequence[str] = ()) -> Checked:
    """Ask these hosts of the cloud, by default all, and return what is wrong with them.

    Raises InputError for a host that the cloud does not have, ConfigError for options that do not
    hold together, HostError for lab hosts that are not made yet.
    """
    from gureum.hosts import Connections

    began = time.monotonic()
    wanted = chosen_hosts(deployment.cloud, names)
    lab = hosts.open_lab(deployment, lambda _: None) if deployment.in_lab else None
    targets = [t for t in hosts.targets(deployment, lab) if t.name in wanted]
    addresses = hosts.addresses(deployment, lab)
    with Connections() as connections:
        _, looks = ask(connections, targets)
    found = scene(deployment, looks, addresses, kept_facts(deployment.folder))
    wrong = tuple(findings(found))
    keep_states(deployment.folder, found, wrong)
    return Checked(found, wrong, time.monotonic() - began)
