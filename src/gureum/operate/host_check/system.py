"""A system that gureum does not deploy to."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene

SUPPORTED = {("debian", "12"), ("debian", "13"), ("ubuntu", "24.04")}


def find(scene: Scene) -> Iterator[Finding]:
    """Yield hosts with another distribution, or with another init than systemd."""
    for look in scene.answered():
        os = look.facts["os"]
        if (os["id"], os["version"]) not in SUPPORTED:
            yield Finding(
                look.host,
                "system.unknown",
                f"it runs {os['name'] or 'an unknown system'}",
                f"/etc/os-release: ID={os['id']}, VERSION_ID={os['version']}",
                "install Debian 12, Debian 13 or Ubuntu 24.04 on it",
            )
        if look.facts["systemd"] == "absent":
            yield Finding(
                look.host,
                "system.no_systemd",
                "it does not run systemd",
                "/run/systemd/system is not there",
                "boot it with systemd as init",
            )
