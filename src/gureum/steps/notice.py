"""Who notices that a unit restarts, and for how long: declared, and held against a real cloud."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Effect(enum.Enum):
    """What those who want something of a unit get while it restarts."""

    NOBODY = "nobody"
    """Nothing that anybody sees."""
    LATER = "later"
    """No request fails; what the unit does in the background is done afterwards."""
    WAITS = "waits"
    """Requests wait and are answered, none fails."""
    ERRORS = "errors"
    """Requests may fail."""


EVERY = "*"
"""Stands for every API of the cloud in `Notice.apis`."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a restart of a unit means to others.

    `says` is a clause without a time, as `logins wait`; `seconds` is for how long, on a quiet host
    of two processors. `apis` are the units whose requests wait or fail, `EVERY` for all of them.
    `traffic` is for how many seconds no packet of the host's running VMs gets through; 0 means that
    running VMs are untouched. tests/lab/test_notice.py restarts each unit and watches.
    """

    says: str
    seconds: float = 0.0
    effect: Effect
    apis: tuple[str, ...] = ()
    traffic: float = 0.0

    @property
    def stops_api(self) -> bool:
        """Tell whether requests to an API wait or fail."""
        return self.effect in (Effect.WAITS, Effect.ERRORS)


NOBODY = Notice(says="nobody notices", effect=Effect.NOBODY)
"""For a unit whose restart nobody sees."""
