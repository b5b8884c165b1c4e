"""Clocks that are wrong, by measured offset."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.diagnostics import Severity
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene

LIMIT = 30.0
"""Seconds: beyond them certificates and package lists are refused before any time service runs."""
WORTH_SAYING = 1.0
"""Seconds: chrony takes these away by itself once it runs."""


def find(scene: Scene) -> Iterator[Finding]:
    """Yield hosts whose clock differs from this machine's.

    Where every host agrees with the others, and this machine alone differs, the hosts are right.
    """
    looks = list(scene.answered())
    if not looks:
        return
    offsets = sorted(look.offset for look in looks)
    middle = offsets[len(offsets) // 2]
    agreed = len(looks) > 1 and offsets[-1] - offsets[0] < WORTH_SAYING
    if agreed and abs(middle) >= WORTH_SAYING:
        yield Finding(
            looks[0].host,
            "clock.here",
            f"this machine's clock is {_spelt(-middle)} all hosts'",
            f"all {len(looks)} hosts agree within {offsets[-1] - offsets[0]:.2f} s",
            "timedatectl; then let this machine follow a time server",
            Severity.ERROR if abs(middle) > LIMIT else Severity.WARNING,
        )
        return
    for look in looks:
        off = abs(look.offset) - look.margin
        if off < WORTH_SAYING:
            continue
        yield Finding(
            look.host,
            "clock.wrong",
            f"its clock is {_spelt(look.offset)} this machine's",
            f"measured within {look.margin * 1000:.0f} ms; {LIMIT:.0f} s are too much",
            f"set it on {look.host}: date --utc --set @$(date +%s), with the time of this machine",
            Severity.ERROR if off > LIMIT else Severity.WARNING,
        )


def _spelt(offset: float) -> str:
    return f"{abs(offset):.1f} s {'ahead of' if offset > 0 else 'behind'}"
