"""`gureum up`, from nothing to a cloud that is proven to work, read from top to bottom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gureum.apply.events import Message
from gureum.operate.deployment import Deployment
from gureum.operate.run import apply, connected

if TYPE_CHECKING:
    from gureum.apply.result import Result

Emit = Callable[[Any], None]


@dataclass
class Timeline:
    """Seconds since the command began at which each phase was over."""

    began: float = field(default_factory=time.monotonic)
    marks: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str) -> None:
        """Note that `name` is over now."""
        self.marks[name] = round(time.monotonic() - self.began, 2)


@dataclass(frozen=True)
class Outcome:
    """What `up` ends with: how the apply went, the checks' report, and when what was done."""

    result: Result
    report: Any
    timeline: Timeline


def run_up(deployment: Deployment, emit: Emit) -> Outcome:
    """Make the lab's hosts if they are missing, apply the cloud, and prove it with a real VM.

    Raises a GureumError whose hint tells the way on; the same command run again goes on where this
    one stopped.
    """
    from gureum.operate.verify import Verification

    timeline = Timeline()
    guest = _ahead(lambda: Verification.guest_image(emit))
    _ahead(_import_client)
    with connected(deployment, emit, make=True) as ready:
        timeline.mark("hosts")
        verification = Verification(ready, guest)
        result = apply(ready, lambda event: _both(emit, verification.watch, event))
        result.raise_for_failures()
        timeline.mark("apply")
        report = verification.run(emit, timeline.mark)
        timeline.mark("verify")
    return Outcome(result, report, timeline)


def _both(one: Emit, other: Emit, event: Any) -> None:
    one(event)
    other(event)


def _import_client() -> None:
    # Half a second of imports that would otherwise stand in the way of the first VM.
    import openstack  # noqa: F401


class Ahead:
    """The result of work that is done in the background while something else goes on."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._value: Any = None
        self._error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:
            self._error = error

    def result(self) -> Any:
        """Wait for the work; raises what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._value


def _ahead(work: Callable[[], Any]) -> Ahead:
    return Ahead(work)


__all__ = ["Ahead", "Message", "Outcome", "Timeline", "run_up"]
