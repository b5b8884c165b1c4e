"""The images that lab hosts are made from, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from gureum.lab.kept_images import Kept, Limits
from gureum.program import runnable
from gureum.views.moments import ago
from gureum.views.table import columns


def images_text(images: Sequence[Kept], limits: Limits, now: float) -> str:
    """Return a line for each image, the one used last first, and what all of them take."""
    if not images:
        return "no image of a lab host is kept"
    titles = ("image", "GB", "last used", "labs")
    rows = [
        (one.folder.name, f"{one.size / 1e9:.1f}", f"{ago(now, one.used)} ago", _labs(one))
        for one in images
    ]
    total = sum(one.size for one in images) / 1e9
    kept = f"{limits.gb} GB are kept, and unused ones for {limits.days} days"
    more = "older ones go when a new one is made, or at once: gureum lab images --prune"
    return "\n".join(
        [*columns([titles, *rows], right=" r"), f"{total:.1f} GB; {kept}", runnable(more)]
    )


def _labs(one: Kept) -> str:
    return " ".join(one.labs) or ("" if one.whole else "a layer below it is gone")
