"""Where logs are read: on a controller that has gathered them, else on each host itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gureum.errors import GureumError, HostError
from gureum.operate.known import Known
from gureum.operate.status import places
from gureum.operate.typed import typed
from gureum.remote import log_direct, log_search
from gureum.services.rsyslog import sources
from gureum.services.rsyslog_conf import FOLDER

if TYPE_CHECKING:
    from gureum.hosts import Connections, Session, Target

TIMEOUT = 60.0


@dataclass
class Place:
    """Answers wishes: from `controller`, or from all `sessions` where that is None.

    `notes` say what the reader should know of where the lines come from.
    """

    cloud: Known
    controller: Session | None
    sessions: Mapping[str, Session]
    notes: list[str]

    def search(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `remote.log_search.search` returns."""
        if self.controller is not None:
            found: dict[str, Any] = self.controller.call(
                log_search.search, dict(wish), timeout=TIMEOUT
            )
            return found
        return self._directly(wish)

    def call(self, function: Any, *arguments: Any) -> Any:
        """Run a function of `remote` on the controller."""
        assert self.controller is not None
        return self.controller.call(function, *arguments, timeout=TIMEOUT)

    def _directly(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        hosts = [h for h in self.sessions if not wish["hosts"] or h in wish["hosts"]]
        jobs = {
            host: self.sessions[host].submit(
                log_direct.search, dict(wish), host, self._sources(host)
            )
            for host in hosts
        }
        answers = []
        for host, job in jobs.items():
            try:
                answers.append(job.result(TIMEOUT))
            except (TimeoutError, HostError) as error:
                self.notes.append(f"{host} is left out: {getattr(error, 'summary', 'no answer')}")
        rows = sorted((row for a in answers for row in a["rows"]), key=lambda row: row[0])
        limit = wish["limit"]
        return {
            "rows": rows[-limit:] if limit else rows,
            "units": sorted({u for a in answers for u in a["units"]}),
            "more": any(a["more"] for a in answers) or bool(limit and len(rows) > limit),
        }

    def _sources(self, host: str) -> list[dict[str, str]]:
        declared = self.cloud.blueprint.hosts[host].declarations
        return [
            {"path": s.path, "unit": s.unit, "form": "machine" if "*" in s.path else s.form.value}
            for s in sources(declared)
        ]


@contextlib.contextmanager
def place(cloud: Known) -> Iterator[Place]:
    """Yield where the logs of a cloud can be read; raises GureumError where no host can be asked."""
    from gureum.hosts import Connections

    deployment = cloud.deployment
    targets, silent, _ = places(deployment)
    controllers = next(iter(cloud.blueprint.contexts.values())).controllers
    with Connections() as connections:
        notes: list[str] = []
        for target in sorted(
            (t for t in targets if t.name in controllers), key=lambda t: controllers.index(t.name)
        ):
            sessions, errors = connections.try_open([target])
            silent |= {host: error.summary for host, error in errors.items()}
            if session := sessions.get(target.name):
                if session.call(log_search.folders, FOLDER, timeout=TIMEOUT):
                    yield Place(cloud, session, {}, notes)
                    return
                silent[target.name] = f"has gathered nothing ({typed(deployment.loaded, 'apply')})"
        away = [f"{name} {_why(silent[name], name)}" for name in controllers if name in silent]
        sessions = _all(connections, targets, silent)
        if not sessions:
            why = ", ".join(f"{host} {_why(text, host)}" for host, text in silent.items())
            raise GureumError(f"no host can be asked: {why}", hint=typed(deployment.loaded, "up"))
        notes.append(f"each host is asked for its own logs: {'; '.join(away)}")
        others = [h for h in cloud.blueprint.hosts if h not in sessions and h not in controllers]
        notes += [f"{host} is left out: {_why(silent[host], host)}" for host in others]
        yield Place(cloud, None, sessions, notes)


def _all(
    connections: Connections, targets: list[Target], silent: dict[str, str]
) -> dict[str, Session]:
    sessions, errors = connections.try_open([t for t in targets if t.name not in silent])
    silent |= {host: error.summary for host, error in errors.items()}
    for target in targets:
        # A controller that has gathered nothing can still tell of itself.
        if target.name in silent and "gathered nothing" in silent[target.name]:
            found, _ = connections.try_open([target])
            sessions |= found
    return sessions


def _why(text: str, host: str) -> str:
    return text.removeprefix(f"host {host} ").removeprefix(f"{host} ")
