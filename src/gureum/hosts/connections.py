"""Opens sessions to many hosts at once, and closes them together."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from gureum.errors import HostError
from gureum.hosts.refusal import refusal
from gureum.hosts.session import Session
from gureum.hosts.target import CONNECT_TIMEOUT, Target

PYTHON = "/usr/bin/python3"


class Connections:
    """Every connection of one run. Use it as a context manager, so that all of them are closed."""

    def __init__(self) -> None:
        self._broker: Any = None
        self._router: Any = None
        self._sessions: dict[str, Session] = {}

    def __enter__(self) -> Connections:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open(self, targets: Iterable[Target]) -> dict[str, Session]:
        """Return a session for every target by name, those open already included.

        Raises HostError that names every host which could not be reached and what was refused.
        """
        sessions, errors = self.try_open(targets)
        if len(errors) == 1:
            raise next(iter(errors.values()))
        if errors:
            raise HostError(
                f"{len(errors)} hosts cannot be used: {', '.join(errors)}",
                detail="\n".join(f"{e.summary}\n  {e.detail}" for e in errors.values()),
                hint=next(iter(errors.values())).hint,
            )
        return sessions

    def try_open(
        self, targets: Iterable[Target]
    ) -> tuple[dict[str, Session], dict[str, HostError]]:
        """Return the sessions that could be opened and the errors of the others, by host name."""
        wanted = list(targets)
        new = [target for target in wanted if not self._usable(target.name)]
        errors: dict[str, HostError] = {}
        if new:
            self._start()
            with ThreadPoolExecutor(min(len(new), 32)) as pool:
                for target, result in zip(new, pool.map(self._try_one, new), strict=True):
                    if isinstance(result, Session):
                        self._sessions[target.name] = result
                    else:
                        errors[target.name] = result
        found = {t.name: self._sessions[t.name] for t in wanted if t.name not in errors}
        return found, errors

    def close(self) -> None:
        """Close every connection; what still runs on a host for us ends, durable work goes on."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()
        if self._broker is not None:
            self._broker.shutdown()
            self._broker.join()
            self._broker = self._router = None

    def _usable(self, name: str) -> bool:
        session = self._sessions.get(name)
        return session is not None and session.gone is None

    def _start(self) -> None:
        if self._router is not None:
            return
        import mitogen.master

        logging.getLogger("mitogen").setLevel(logging.CRITICAL + 1)
        # The broker's thread starts ssh, which inherits what the thread does not hear. Ctrl-C on a
        # terminal is meant for gureum alone: the connections stay for what is to end well.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._broker = mitogen.master.Broker(install_watcher=False)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._router = mitogen.master.Router(self._broker)
        self._router.responder.whitelist_prefix("gureum")

    def _try_one(self, target: Target) -> Session | HostError:
        import mitogen.core

        try:
            return Session(target, self._router, self._connect(target))
        except (mitogen.core.Error, OSError) as error:
            return refusal(target, str(error))

    def _connect(self, target: Target) -> Any:
        common = {"python_path": [PYTHON], "connect_timeout": CONNECT_TIMEOUT + 8}
        if target.is_local:
            if os.geteuid() == 0:
                return self._router.local(name=target.name, **common)
            return self._router.sudo(name=target.name, username="root", **common)
        context = self._router.ssh(
            name=target.name,
            hostname=target.address,
            username=target.user,
            port=target.port,
            identity_file=None if target.identity is None else str(target.identity),
            check_host_keys="enforce",
            compression=False,
            keepalive_interval=5,
            keepalive_count=3,
            ssh_args=target.ssh_options(),
            **common,
        )
        if target.user == "root":
            return context
        return self._router.sudo(via=context, username="root", **common)
