"""Services of nova and cinder that are to report, judged by what the API lists of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gureum.checks.check import Evidence, Verdict, verdict
from gureum.checks.patience import settled


def look(
    wanted: Sequence[tuple[str, str]], listed: Callable[[], Iterable[Any]], *, hint: str
) -> Verdict:
    """Return the verdict over services, `wanted` as pairs of host and name, once they have settled."""
    began = time.monotonic()
    services = settled(lambda: list(listed()), lambda seen: judge(wanted, seen)[0])
    wrong, doubtful = judge(wanted, services)
    return verdict(
        wrong,
        f"{len(services)} services up",
        doubtful=doubtful,
        evidence=(
            Evidence(
                command="GET /os-services",
                output="\n".join(f"{s.binary} {s.host} {s.status} {s.state}" for s in services),
                seconds=time.monotonic() - began,
            ),
        ),
        hint=hint,
        value=len(services),
        unit="services",
    )


def judge(
    wanted: Sequence[tuple[str, str]], services: Sequence[Any]
) -> tuple[list[str], list[str]]:
    """Return services that are missing or down, and those an operator has disabled.

    The host of a service is before an `@` where it has backends (`one@ceph`).
    """
    present = {(str(s.host).partition("@")[0], s.binary) for s in services}
    wrong = [f"{name} of {host} is unknown" for host, name in wanted if (host, name) not in present]
    wrong += [f"{s.binary} of {s.host} is {s.state}" for s in services if s.state != "up"]
    doubtful = [
        f"{s.binary} of {s.host} is disabled ({s.disabled_reason or 'no reason given'})"
        for s in services
        if s.status != "enabled"
    ]
    return wrong, doubtful
