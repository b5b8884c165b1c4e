"""Waits for reports by which a running process of OpenStack says in the database that it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import time_left

PAUSE = 0.3
NEVER = 10**6
"""The age, in seconds, of a report that nobody has made."""


def ages(rows: list[list[str]] | None) -> dict[str, int]:
    """Return who reported how many seconds ago, from rows of a query; who never did has none."""
    return {one: int(age) for one, age in rows or [] if age not in ("", "NULL")}


def reading(wanted: list[str], found: dict[str, int], within: int) -> dict[str, Any]:
    """Return for each of `wanted` whether its report is young enough, with all ages as evidence."""
    told: dict[str, Any] = {one: found.get(one, within) < within for one in wanted}
    return {**told, "_exists": False, "_output": f"seconds since the last report: {found}"}


def wait(
    wanted: list[str],
    look: Callable[[], dict[str, int]],
    within: float,
    *,
    log: str,
    whose: str = "",
) -> list[Evidence]:
    """Wait for reports that are younger than this call: those of the processes that run now.

    `look` returns for each of `wanted` how many seconds ago it has reported. Raises Failure, naming
    the `log` to read, where one stays silent; `whose` is put before its name.
    """
    began = time.monotonic()
    until = began + min(within, time_left())
    while True:
        found = look()
        now = time.monotonic()
        # The database keeps whole seconds: what it calls 0 seconds old may be nearly 1.
        late = [one for one in wanted if found.get(one, NEVER) + 1 > now - began]
        evidence: list[Evidence] = [
            {
                "command": ["wait for", "a report", *wanted],
                "exit": 1 if late else 0,
                "output": f"seconds since the last report: {found}",
                "seconds": round(now - began, 3),
            }
        ]
        if not late:
            return evidence
        if now >= until:
            raise Failure(
                f"{whose}{', '.join(late)} has not reported for {now - began:.0f} s; why is in {log}",
                evidence,
            )
        time.sleep(PAUSE)
