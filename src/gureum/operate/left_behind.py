"""Hosts that are no part of the input any more and of which the cloud still keeps records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from gureum.diagnostics import Diagnostic, Severity
from gureum.errors import GureumError
from gureum.model.cloud import Role
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed
from gureum.remote import cluster_records

if TYPE_CHECKING:
    from gureum.hosts import Session

TIMEOUT = 15.0


class LeftBehind:
    """Asks the first controller in the background what is on record there."""

    def __init__(self, deployment: Deployment, sessions: Mapping[str, Session]) -> None:
        self._deployment = deployment
        first = next((n for n, _ in deployment.cloud.hosts_with(Role.CONTROLLER)), "")
        self._job: Future[Any] | None = (
            sessions[first].submit(cluster_records.hosts_on_record) if first in sessions else None
        )

    def warnings(self) -> tuple[Diagnostic, ...]:
        """Return a warning for each host that was not taken out properly; none if nobody knows."""
        try:
            found = self._job.result(TIMEOUT) if self._job is not None else {}
        except (GureumError, TimeoutError):
            # Whoever asks for more of this controller is told what is wrong with it.
            return ()
        return tuple(left_behind(self._deployment, found))


def left_behind(deployment: Deployment, on_record: Mapping[str, list[str]]) -> Iterator[Diagnostic]:
    """Yield a warning for each host on record that the input lacks."""
    for host in sorted(set(on_record) - set(deployment.cloud.hosts)):
        yield Diagnostic(
            f"{host} is no host of the input, and the cloud still counts on it: "
            f"{', '.join(on_record[host])}",
            severity=Severity.WARNING,
            hint=typed(deployment.loaded, "host remove", host),
        )
