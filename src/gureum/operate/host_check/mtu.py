"""Hosts of one network whose packets are not equally large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene

NETWORKS = ("management", "tunnel", "provider")


def find(scene: Scene) -> Iterator[Finding]:
    """Yield hosts whose MTU on a network is not that of most: large packets would vanish."""
    for network in NETWORKS:
        sizes = {
            look.host: int(look.nics.found[network].nic.get("mtu", 0))
            for look in scene.answered()
            if network in look.nics.found
        }
        known = {host: size for host, size in sizes.items() if size}
        if len(set(known.values())) < 2:
            continue
        usual = Counter(known.values()).most_common(1)[0][0]
        for host, size in known.items():
            if size == usual:
                continue
            device = scene.looks[host].nics.device(network)
            others = [h for h, s in known.items() if s == usual]
            yield Finding(
                host,
                "mtu.differs",
                f"{device} has an MTU of {size}, on the {network} network of {usual}",
                f"{', '.join(others)}: {usual}",
                f"make them one, e.g. until the next boot: "
                f"gureum ssh {host} ip link set {device} mtu {usual}",
            )
