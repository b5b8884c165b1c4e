"""Host names that two hosts have, or that would confuse a cloud."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.diagnostics import Severity
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Yield hosts that call themselves what another one is called.

    gureum names each host as the input does, so this is told and stops nothing, unless the names of
    two hosts of the input are swapped: then an address is likely to be wrong.
    """
    names: dict[str, str] = {}
    for look in scene.answered():
        own = str(look.facts["hostname"]).split(".")[0]
        if own != look.host and own in scene.cloud.hosts:
            yield Finding(
                look.host,
                "names.swapped",
                f"it calls itself {own}, which is another host of this cloud",
                f"hostname says {look.facts['hostname']} at {look.where}",
                f"if the addresses are right: gureum ssh {look.host} hostnamectl hostname {look.host}",
            )
        elif own in names:
            yield Finding(
                look.host,
                "names.twice",
                f"it has the host name of {names[own]}",
                f"both say {own}; gureum will name it {look.host}",
                f"make sure that they are two machines: gureum host facts {look.host} {names[own]}",
                Severity.WARNING,
            )
        names.setdefault(own, look.host)
