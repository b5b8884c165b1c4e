"""Reloads systemd's unit files, once for all who ask while a reload runs."""

from __future__ import annotations

import threading

from gureum.remote.failure import Evidence
from gureum.remote.process import must

_condition = threading.Condition()
_asked = 0
_done = 0
_running = False


def daemon_reload() -> list[Evidence]:
    """Return after a reload that began no earlier than this call; most callers share one."""
    global _asked, _done, _running  # noqa: PLW0603
    evidence: list[Evidence] = []
    with _condition:
        _asked += 1
        mine = _asked
        while _done < mine and _running:
            _condition.wait()
        if _done >= mine:
            return evidence
        _running = True
        upto = _asked
    try:
        must(("systemctl", "daemon-reload"), evidence, "systemd cannot reload its units")
    finally:
        with _condition:
            _running = False
            _done = upto
            _condition.notify_all()
    return evidence
