"""Waits for reports by which a running process of OpenStack says in the database that it is there."""

from __future__ import annotations

import time
from collections.abc import Callable

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import time_left

PAUSE = 0.3
NEVER = 10**6
"""The age, in seconds, of a report that nobody has made."""


def wait(
    wanted: list[str],
    ages: Callable[[], dict[str, int]],
    within: float,
    *,
    log: str,
    whose: str = "",
) -> list[Evidence]:
    """Wait for reports that are younger than this call: those of the processes that run now.

    `ages` returns for each of `wanted` how many seconds ago it has reported. Raises Failure, naming
    the `log` to read, where one stays silent; `whose` is put before its name.
    """
    began = time.monotonic()
    until = began + min(within, time_left())
    while True:
        found = ages()
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
