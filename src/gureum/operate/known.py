"""A cloud as it was last seen: what can be said of it without asking a host."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gureum.operate.chosen_hosts import chosen_hosts
from gureum.operate.deployment import Blueprint, Deployment
from gureum.state.folder import CloudFolder


@dataclass(frozen=True)
class Known:
    """What every host is to become, computed from the facts of the last look at `seen`.

    `seen` is a UNIX time, or None for a cloud whose hosts nobody has looked at yet: its blueprint
    rests on the smallest machine that gureum deploys to, and on no address.
    """

    deployment: Deployment
    blueprint: Blueprint
    facts: Mapping[str, Mapping[str, Any]]
    seen: float | None

    def only(self, hosts: Sequence[str]) -> Known:
        """Return what is known of `hosts`, of all where none is named.

        Raises InputError that names every name that no host has.
        """
        if not hosts:
            return self
        on = chosen_hosts(self.deployment.cloud, hosts)
        return replace(
            self,
            blueprint=self.blueprint.only(on),
            facts={name: facts for name, facts in self.facts.items() if name in on},
        )


def known(deployment: Deployment) -> Known:
    """Return the cloud from its input and the facts kept of it.

    Raises ConfigError for options that do not hold together.
    """
    kept = _read(deployment.folder)
    hosts = set(deployment.cloud.hosts)
    if kept is None or not hosts <= set(kept["hosts"]) or not hosts <= set(kept["addresses"]):
        # A host that came into the input since: facts of some hosts are no picture of the cloud.
        return Known(deployment, deployment.check_options(), {}, None)
    blueprint = deployment.blueprint(kept["addresses"], kept["hosts"])
    return Known(deployment, blueprint, kept["hosts"], kept["time"])


def keep_facts(
    folder: CloudFolder,
    addresses: Mapping[str, str],
    facts: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, str] | None = None,
    driver: str = "",
    *,
    asked: Iterable[str] | None = None,
) -> None:
    """Write what the hosts said of themselves beside the cloud's other state.

    `names` are the API's, each with the address that it stands for (R-CONF-4); `driver` is the
    network driver that the cloud is built with from now on. `asked` are the hosts that said it just
    now, by default all; the others keep the time of their last answer.
    """
    now = time.time()
    before = last_seen(folder)
    answered = set(facts if asked is None else asked)
    found = {
        "driver": driver,
        "time": now,
        "addresses": dict(addresses),
        "names": dict(names or {}),
        "hosts": dict(facts),
        "seen": {name: now if name in answered else before.get(name, now) for name in facts},
    }
    folder.write(folder.facts, json.dumps(found) + "\n")


def kept_facts(folder: CloudFolder) -> dict[str, Mapping[str, Any]]:
    """Return what each host last said of itself."""
    return dict((_read(folder) or {}).get("hosts", {}))


def api_names(folder: CloudFolder) -> dict[str, str]:
    """Return the names that the API of a cloud went by when its hosts were last connected."""
    kept = _read(folder) or {}
    return dict(kept.get("names", {}))


def last_seen(folder: CloudFolder) -> dict[str, float]:
    """Return when each host last said what it is and has, as UNIX times by host."""
    kept = _read(folder) or {}
    every = dict.fromkeys(kept.get("hosts", {}), kept.get("time", 0.0))
    return {**every, **kept.get("seen", {})}


def built_with(folder: CloudFolder) -> str:
    """Return the network driver of a cloud, an empty text before its hosts were first connected."""
    return str((_read(folder) or {}).get("driver", ""))


def _read(folder: CloudFolder) -> dict[str, Any] | None:
    try:
        found = json.loads(folder.facts.read_text())
    except (OSError, ValueError):
        # Missing, or torn by a full disk: the next connection writes it anew.
        return None
    return found if isinstance(found, dict) else None
