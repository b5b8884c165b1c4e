"""Waits a moment for what settles by itself after a start, before calling it wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

SETTLED_WITHIN = 15.0
"""Seconds in which what a service reports of itself is there after its start: nova-compute makes
its provider in placement first, and says what it offers some seconds later."""
PAUSE = 0.5

T = TypeVar("T")


def settled(
    look: Callable[[], T], wrong: Callable[[T], object], within: float = SETTLED_WITHIN
) -> T:
    """Return what `look` sees as soon as nothing is `wrong` with it, at the latest after `within`.

    What is in order at first sight costs nothing; only a fault is looked at more than once.
    """
    until = time.monotonic() + within
    while True:
        seen = look()
        if not wrong(seen) or time.monotonic() > until:
            return seen
        time.sleep(PAUSE)
