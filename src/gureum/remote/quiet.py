"""Keeps units of the distribution from starting by themselves before they are configured."""

from __future__ import annotations

import os

from gureum.remote.failure import Evidence
from gureum.remote.process import run
from gureum.remote.unit import LINKS_ONLY


def quiet(units: list[str]) -> list[Evidence]:
    """Disable those of `units` that exist, without stopping any.

    A package enables its units as it is installed. In an image that many hosts boot from they
    would all start at once with their default configuration, only to be restarted.
    """
    present = [
        unit
        for unit in units
        if any(
            os.path.exists(f"{folder}/{unit}")
            for folder in ("/lib/systemd/system", "/etc/systemd/system")
        )
    ]
    if not present:
        return []
    done = run(("systemctl", "disable", "--no-reload", *present), environment=LINKS_ONLY)
    return [done.evidence()]
