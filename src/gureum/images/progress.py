"""How far something is that takes long, as a value; views show it as a bar, lines or JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """`done` of `size` bytes of an activity; `size` is 0 where nobody knows it.

    `resumed` is how much was there before.
    """

    activity: str
    done: int
    size: int
    resumed: int = 0
