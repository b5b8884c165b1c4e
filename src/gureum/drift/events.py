"""What an apply tells before it writes over what somebody edited."""

from __future__ import annotations

from dataclasses import dataclass

from gureum.apply.events import Event
from gureum.drift.judge import FileDrift


@dataclass(frozen=True)
class EditsFound(Event):
    """Files were edited by hand and are about to be written anew, in the order of their hosts.

    `copies` are where what they hold now is kept, one a file, empty for what holds nothing.
    """

    files: tuple[FileDrift, ...]
    copies: tuple[str, ...]
