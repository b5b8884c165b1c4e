"""Searches of a cloud's logs, as data."""

from __future__ import annotations

import json
import time
from typing import Any


def logs(cloud: Any, *arguments: str, check: bool = True) -> list[dict[str, Any]]:
    done = cloud.gureum("logs", *arguments, "--json", check=check)
    return [json.loads(line) for line in done.stdout.splitlines()]


def settled(cloud: Any, *arguments: str, count: int = 1) -> list[dict[str, Any]]:
    """Return what a search finds, once it finds as much as `count`."""
    until = time.monotonic() + 20
    while len(found := logs(cloud, *arguments, check=False)) < count and time.monotonic() < until:
        time.sleep(0.5)
    return found
