"""A session: functions of `gureum.remote` run on one host, many at once over one connection."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from gureum.errors import HostError, InternalError
from gureum.hosts.target import Target
from gureum.remote import perform
from gureum.remote.failure import Failure

Request = tuple[str, str, dict[str, Any]]
"""What is to be read: key, kind of state, spec."""


class Session:
    """One host, connected. Thread-safe; every call runs in a thread of its own on the host.

    Raises HostError from every call once the connection is gone, `Failure` where a change failed
    on the host, InternalError where the code there stumbled.
    """

    def __init__(self, target: Target, router: Any, context: Any) -> None:
        import mitogen.core

        from gureum.remote import agent

        self.target = target
        self._agent = agent
        self._context = context
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[Any]] = {}
        self._gone: HostError | None = None
        handle = router.add_handler(self._receive, respondent=context)
        self.user_id: int = context.call(agent.start, mitogen.core.Sender(router.myself(), handle))

    @property
    def name(self) -> str:
        """The host's name."""
        return self.target.name

    @property
    def gone(self) -> HostError | None:
        """The error that every call raises, once the connection is gone."""
        return self._gone

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Start `function(*args)` on the host and return its future result."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._gone is not None:
                future.set_exception(self._gone)
                return future
            job = next(self._numbers)
            self._waiting[job] = future
        self._context.call_no_reply(
            self._agent.submit, job, function.__module__, function.__qualname__, list(args)
        )
        return future

    def call(self, function: Callable[..., Any], *args: Any, timeout: float | None = None) -> Any:
        """Run `function(*args)` on the host and return its result.

        Raises HostError too when it has not answered after `timeout` seconds.
        """
        try:
            return self.submit(function, *args).result(timeout)
        except TimeoutError:
            raise HostError(
                f"{self.name} did not answer within {timeout:.0f} s",
                detail=f"{function.__module__}.{function.__qualname__} at {self.target.where()}",
                hint=" ".join(self.target.ssh_command("uptime")),
            ) from None

    def read_many(self, requests: Sequence[Request]) -> dict[str, dict[str, Any]]:
        """Return the readings of many states by key, in one round trip."""
        answer: dict[str, dict[str, Any]] = self.call(perform.read_many, list(requests))
        return answer

    def close(self) -> None:
        """Let go of the host; calls that still wait raise HostError."""
        self._lost("the connection was closed")

    def _receive(self, message: Any) -> None:
        """Take in one result; the connection's own thread calls this, so it must not wait."""
        if message.is_dead:
            self._lost("the connection was lost")
            return
        job, how, value = message.unpickle(throw=False)
        with self._lock:
            future = self._waiting.pop(job, None)
        if future is None:
            return
        if how == "done":
            future.set_result(value)
        elif how == "failure":
            future.set_exception(Failure(*value))
        else:
            kind, text, trace = value
            summary = f"the code on {self.name} stumbled: {kind}: {text}"
            future.set_exception(InternalError(summary, detail=trace))

    def _lost(self, why: str) -> None:
        error = HostError(
            f"{self.name} went away: {why}",
            detail=f"at {self.target.where()}",
            hint=" ".join(self.target.ssh_command("uptime")),
        )
        with self._lock:
            if self._gone is None:
                self._gone = error
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_exception(error)
