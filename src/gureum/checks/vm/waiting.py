"""Waits for something by looking often, never by sleeping for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T], *, within: float, pause: float = 0.2) -> T | None:
    """Return the first true answer of `look`, None when `within` seconds are over."""
    deadline = time.monotonic() + within
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() + pause > deadline:
            return None
        time.sleep(pause)
