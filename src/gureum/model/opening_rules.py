"""What the openings of the firewall must fulfil beyond the types of their keys."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.diagnostics import did_you_mean
from gureum.model.cloud import Cloud
from gureum.model.problem import KeyPath, Problem


def openings_can_be_made(cloud: Cloud) -> Iterator[Problem]:
    for number, opening in enumerate(cloud.firewall.allow):
        key: KeyPath = ("firewall", "allow", number)
        first, last = opening.ports
        if not 1 <= first <= last <= 65535:
            yield Problem(
                (*key, "port"),
                f"there are no ports {opening.port}"
                if first != last
                else f"there is no port {opening.port}",
                "ports go from 1 to 65535, the lower one first",
                f"e.g. port: {last}-{first}" if 1 <= last < first <= 65535 else "e.g. port: 9100",
            )
        for place, name in enumerate(opening.hosts):
            if name not in cloud.hosts:
                yield Problem(
                    (*key, "hosts", place),
                    f"there is no host {name!r} to open a port on",
                    f"the hosts are {', '.join(cloud.hosts)}",
                    did_you_mean(name, cloud.hosts) or "leave hosts out to open it on all of them",
                )
