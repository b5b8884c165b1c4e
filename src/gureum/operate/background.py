"""Work that goes on in a thread of its own while something else is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Background(Generic[Value]):
    """The result of work that began when this was made. Ctrl-C does not wait for it."""

    def __init__(self, work: Callable[[], Value]) -> None:
        self._work = work
        self._values: list[Value] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._values.append(self._work())
        except BaseException as error:
            self._error = error

    def wait(self) -> None:
        """Wait for the work's end, however it ends."""
        self._thread.join()

    def result(self) -> Value:
        """Wait for the work and return what it returned; raises what it raised."""
        self.wait()
        if self._error is not None:
            raise self._error
        return self._values[0]
