"""Starts work in a thread that nobody waits for when the program ends.

Threads of an executor are joined at exit, so that Ctrl-C would wait for whatever they wait for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def start(name: str, work: Callable[[], T]) -> Future[T]:
    """Run `work` in a thread of its own and return its future."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            answer = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(answer)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
