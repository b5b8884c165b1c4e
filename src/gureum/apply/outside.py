"""Proves from outside that a host still lets gureum in after a change that could have cut it off."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from concurrent.futures import Future
from typing import Any

from gureum.errors import HostError
from gureum.hosts.session import Session
from gureum.remote import firewall
from gureum.remote.failure import Evidence, Failure

LIMIT = 25.0
"""Seconds that a fresh connection may take: on a host with far too much to do a login took more than 12."""


def proven(session: Session, change: Future[Any]) -> Future[Any]:
    """Return `change`'s answer as soon as a fresh connection has proven it, where it changed anything.

    The connection that is open already proves nothing: the kernel lets go on what it knows.
    """
    answer: Future[Any] = Future()
    answer.set_running_or_notify_cancel()

    def work() -> None:
        try:
            done = change.result()
            if done["changed"]:
                done["evidence"].append(_come_in(session))
            answer.set_result(done)
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return answer


def _come_in(session: Session) -> Evidence:
    """Log in anew and tell the host to keep the change, or to take it back at once."""
    target = session.target
    began = time.monotonic()
    command = target.ssh_command("true")
    if not target.is_local:
        # A connection that the user's own ssh shares would be no fresh one.
        command[1:1] = ["-o", "ControlPath=none", "-o", "BatchMode=yes"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False
        )
        exit_status, said = done.returncode, done.stderr.decode(errors="replace").strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        exit_status, said = 124, str(error)
    evidence: Evidence = {
        "command": command,
        "exit": exit_status,
        "output": said,
        "seconds": round(time.monotonic() - began, 3),
    }
    if exit_status == 0:
        session.call(firewall.keep, timeout=LIMIT)
        return evidence
    with contextlib.suppress(HostError):
        # Where this fails as well, the host's own timer does it.
        session.call(firewall.undo, timeout=LIMIT)
    raise Failure(
        "no fresh SSH connection came about with the new rules, so those from before are back",
        [evidence],
        said.splitlines()[-5:],
        "nft list ruleset",
    )
