"""Waits for something by looking often, never by sleeping for a fixed time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    look: Callable[[], T],
    *,
    within: float,
    pause: float = 0.2,
    stop: threading.Event | None = None,
) -> T | None:
    """Return the first true answer of `look`, None when `within` seconds are over or `stop` is set."""
    stop = stop or threading.Event()
    deadline = time.monotonic() + within
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() + pause > deadline or stop.wait(pause):
            return None
