"""A host that cannot be reached, refuses us, or cannot run what gureum sends it."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene

OLDEST = (3, 9)


def find(scene: Scene) -> Iterator[Finding]:
    """Yield why hosts did not answer, and a Python that is too old though it answered."""
    for look in scene.looks.values():
        if look.refused is not None:
            yield Finding(
                look.host,
                f"reached.{look.refused.kind}",
                look.refused.meaning,
                look.refused.detail,
                look.refused.hint,
            )
            continue
        version = str(look.facts.get("python", ""))
        if version and tuple(map(int, version.split(".")[:2])) < OLDEST:
            yield Finding(
                look.host,
                "reached.python_old",
                "its python3 is too old",
                f"/usr/bin/python3 is {version}; 3.9 is the oldest that will do",
                "take a newer system: Debian 12, Debian 13 or Ubuntu 24.04",
            )
