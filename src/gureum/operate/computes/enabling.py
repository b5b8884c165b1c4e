"""Whether a compute host takes new VMs, by whose word and since when."""

from __future__ import annotations

import getpass
import os
import time
from dataclasses import dataclass
from typing import Any

from gureum.checks.client import client
from gureum.errors import GureumError

LONGEST = 255
"""Characters of a reason that nova keeps."""


@dataclass(frozen=True)
class Disabled:
    """A compute host that takes no new VMs: `before` tells that it did not before either."""

    host: str
    reason: str
    before: bool = False


@dataclass(frozen=True)
class Enabled:
    """A compute host that takes VMs again, and the reason why it did not; `up` as nova counts it."""

    host: str
    before: str
    up: bool
    already: bool


def disable(api: Any, host: str, reason: str) -> Disabled:
    """Let no new VMs come to a host; a reason that was given before stays where no new one is."""
    service = compute_service(api, host)
    said = str(service.disabled_reason or "")
    if service.status == "disabled" and said and not reason:
        return Disabled(host, said, before=True)
    words, before = written(reason), service.status == "disabled"
    _update(api, service, status="disabled", disabled_reason=words)
    return Disabled(host, words, before=before)


def enable(api: Any, host: str) -> Enabled:
    """Let VMs come to a host again, also where somebody had declared it dead."""
    service = compute_service(api, host)
    already, up = service.status == "enabled", service.state == "up"
    reason = str(service.disabled_reason or "")
    if service.is_forced_down:
        _update(api, service, forced_down=False)
    if not already:
        _update(api, service, status="enabled")
    return Enabled(host, reason, up=up, already=already)


def compute_service(api: Any, host: str) -> Any:
    """Return nova's record of the host's nova-compute; raises GureumError where it has none."""
    found = next(iter(api.compute.services(binary="nova-compute", host=host)), None)
    if found is None:
        raise GureumError(
            f"nova does not know {host}: its nova-compute has never reported",
            hint="gureum apply",
        )
    return found


def _update(api: Any, service: Any, **fields: Any) -> None:
    """Change nova's record. The client's own call leaves out what it takes for unchanged: all of it."""
    answer = api.compute.put(f"/os-services/{service.id}", json=fields, microversion="2.53")
    client().exceptions.raise_from_response(answer)


def written(reason: str) -> str:
    """Return a reason with who gave it and when, as nova keeps it."""
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    tail = f" (drained by {_who()}, {when})"
    words = " ".join(reason.split()) or "no reason given"
    room = LONGEST - len(tail)
    return (words if len(words) <= room else f"{words[: room - 1]}…") + tail


def _who() -> str:
    """Return the person behind this process: sudo changes the user and says who it was."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
