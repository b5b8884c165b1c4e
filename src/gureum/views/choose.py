"""Chooses the view that fits where the output goes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gureum.views.view import View


def choose(json: bool = False) -> View:
    """Return JSON lines if asked for, a live view on a terminal, else plain lines."""
    # Each knows every event that it shows, which is most of gureum to import.
    if json:
        from gureum.views.json_lines import JsonLines

        return JsonLines(sys.stdout)
    if sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        from gureum.views.human import Human

        return Human(sys.stdout, sys.stderr)
    from gureum.views.plain import Plain

    return Plain(sys.stdout, sys.stderr)
