"""From where a VM is asked for an answer: from this machine, or from the host it is reached through."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gureum.errors import CheckError, GureumError, HostError
from gureum.remote import outside

PATIENCE = 10.0
"""Seconds that the way to a host may take beside what is asked of it there."""
LOST = 3
"""How often in a row a host does not do as it is told before it counts as gone, and not as busy."""


@dataclass(frozen=True)
class Outside:
    """A place outside of the cloud's project networks.

    It is this machine; or `host`, where the provider network ends at it and nothing else reaches
    floating IPs: functions run there by `call`, and SSH goes through it by `way`, the argument words
    of ssh.
    """

    host: str = ""
    call: Callable[..., Any] | None = None
    way: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Where it is, for a sentence: `from this machine`."""
        return f"from {self.host}" if self.host else "from this machine"

    def answers(
        self, address: str, *, timeout: float = 1.0, packet: int = 84, whole: bool = False
    ) -> bool:
        """Tell whether `address` answers an echo request, as `remote.outside.answers` does.

        Raises CheckError where this user may not send ICMP.
        """
        try:
            return bool(self._run(outside.answers, address, timeout, packet, whole))
        except PermissionError:
            raise CheckError(
                "this user may not send ICMP echo requests",
                detail="a VM proves that it is reachable by answering them",
                hint="run it as root, or: sysctl -w net.ipv4.ping_group_range='0 2147483647'",
            ) from None

    def greets(self, address: str, timeout: float = 1.0) -> bool:
        """Tell whether an SSH server answers at port 22."""
        return bool(self._run(outside.greets, address, timeout))

    def page(self, address: str, timeout: float = 1.0) -> str | None:
        """Return what the VM's web server says, None where it cannot be reached."""
        said = self._run(outside.page, address, timeout)
        return None if said is None else str(said)

    def ssh_options(self) -> tuple[str, ...]:
        """Return the options by which ssh gets there."""
        if not self.way:
            return ()
        # ssh itself puts address and port of the VM in place of %h and %p.
        words = shlex.join(word.replace("%", "%%") for word in self.way)
        return ("-o", f"ProxyCommand={words} -W %h:%p")

    def _run(self, function: Callable[..., Any], address: str, timeout: float, *more: Any) -> Any:
        if self.call is None:
            return function(address, timeout, *more)
        return self.call(function, address, timeout, *more, timeout=timeout + PATIENCE)


class Watch:
    """Asks an address again and again in the background until it answers."""

    def __init__(
        self,
        outside: Outside,
        address: str,
        on_answer: Callable[[], None] = lambda: None,
        pause: float = 0.1,
    ) -> None:
        self._outside = outside
        self._address = address
        self._on_answer = on_answer
        self._pause = pause
        self._stop = threading.Event()
        self.answered = threading.Event()
        self.error: CheckError | None = None
        """Why it can ask no more, where that is so: it says nothing of the address."""
        self.asked = 0
        self._thread = threading.Thread(target=self._run, name="echo", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()

    def _run(self) -> None:
        lost = 0
        while not self._stop.is_set():
            try:
                self.asked += 1
                if self._outside.answers(self._address, timeout=0.3):
                    self._on_answer()
                    self.answered.set()
                    return
                lost = 0
            except CheckError as error:
                self.error = error
                return
            except HostError as error:
                lost += 1
                if lost == LOST:
                    self.error = CheckError(
                        f"{self._address} can be asked no more: {error.summary}",
                        detail=f"it is reached {self._outside.words} alone",
                        hint=error.hint,
                    )
                    return
            except (OSError, GureumError):
                pass
            self._stop.wait(self._pause)
