"""Opens sessions to many hosts at once, and closes them together."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from gureum.errors import HostError
from gureum.hosts.refusal import Refused, refusal
from gureum.hosts.second_look import looked_again, silence
from gureum.hosts.session import Session
from gureum.hosts.target import CONNECT_TIMEOUT, Target

PYTHON = "/usr/bin/python3"
PATIENCE = 1.5
"""Seconds after which a host that has not let us in is looked at: a silent one is not waited for."""


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

    def try_open(self, targets: Iterable[Target]) -> tuple[dict[str, Session], dict[str, Refused]]:
        """Return the sessions that could be opened and the errors of the others, by host name."""
        wanted = list(targets)
        new = [target for target in wanted if not self._usable(target.name)]
        errors: dict[str, Refused] = {}
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

    def _try_one(self, target: Target) -> Session | Refused:
        """Open one session; a host that is silent is given up before ssh gives it up."""
        if target.identity is not None and not os.access(target.identity, os.R_OK):
            return refusal(target, f"Identity file {target.identity} not accessible")
        answer: queue.SimpleQueue[Session | Refused | Exception] = queue.SimpleQueue()
        # No thread of a pool: those are waited for at the end, and ssh may take long to give up.
        work = threading.Thread(target=lambda: answer.put(self._open_one(target)), daemon=True)
        work.start()
        try:
            found = answer.get(timeout=PATIENCE)
        except queue.Empty:
            if (silent := silence(target)) is not None:
                return silent
            found = answer.get()
        if isinstance(found, Exception) and not isinstance(found, Refused):
            raise found
        return found

    def _open_one(self, target: Target) -> Session | Refused | Exception:
        import mitogen.core

        try:
            return Session(target, self._router, self._connect(target))
        except (mitogen.core.Error, OSError) as error:
            return looked_again(target, str(error))
        except Exception as error:
            # A fault of ours: who waits for the answer would wait for ever.
            return error

    def _connect(self, target: Target) -> Any:
        common = {"python_path": [PYTHON], "connect_timeout": CONNECT_TIMEOUT + 8}
        if target.is_local:
            if os.geteuid() == 0:
                return self._router.local(name=target.name, **common)
            return self._router.sudo(name=target.name, username="root", **common)
        context = self._router.ssh(
            name=target.name,
            hostname=target.destination,
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
