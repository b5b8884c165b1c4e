"""Whose deed a difference is."""

from __future__ import annotations

import enum


class Origin(enum.Enum):
    """Why what is on a host is not what is wanted; the values are what a person reads."""

    NONE = "in order"
    HAND = "edited by hand"
    INTENT = "cloud.yaml or gureum changed"
    BOTH = "edited by hand, and cloud.yaml or gureum changed"
    EARLIER = "an earlier state from gureum, as after a snapshot was restored"
    UNKNOWN = "not known to be gureum's"

    @property
    def by_hand(self) -> bool:
        """Tell whether somebody's work would be lost by an apply."""
        return self in (Origin.HAND, Origin.BOTH)


def origin(found: str, wanted: str, last: str | None, earlier: tuple[str, ...] = ()) -> Origin:
    """Return whose deed it is that `found` is not `wanted`, from what gureum wrote `last`.

    All of them are digests, of a file's text or of one option; None is what gureum never wrote.
    """
    if found == wanted:
        return Origin.NONE
    if last is None:
        return Origin.UNKNOWN
    if found == last:
        return Origin.INTENT
    if found in earlier:
        return Origin.EARLIER
    return Origin.HAND if wanted == last else Origin.BOTH
