"""What a plan does with a step; the values are the symbols that a person reads."""

from __future__ import annotations

import enum


class Action(enum.Enum):
    """CREATE what is not there, CHANGE what differs, RESTART what is older than what it reads."""

    CREATE = "+"
    CHANGE = "~"
    RESTART = "↻"
    NOTHING = "="
