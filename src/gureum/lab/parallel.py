"""Does the same with many hosts at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

from gureum.lab.host import LabHost


def in_parallel(work: Callable[[LabHost], None], hosts: Collection[LabHost]) -> None:
    """Do the work for all hosts at once; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        for done in [pool.submit(work, host) for host in hosts]:
            done.result()
