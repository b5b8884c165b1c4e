"""The hand edits that an apply takes back, as a short list."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.drift.events import EditsFound
from gureum.drift.judge import FileDrift
from gureum.drift.options import HIDDEN, OptionDrift
from gureum.views import traces_text

SHOWN = 12
"""Options of one file that are listed."""


def lines(event: EditsFound) -> Iterator[str]:
    """Yield what was edited, by whom as far as that is known, and where a copy lies."""
    count = "1 file was" if len(event.files) == 1 else f"{len(event.files)} files were"
    yield f"{count} edited by hand; what gureum wants is put back:"
    for drift, copy in zip(event.files, event.copies, strict=True):
        moment = f", {traces_text.when(drift.moment)}" if drift.moment else ""
        known = f"; {traces_text.short(drift.traces)}" if drift.traces else ""
        yield f"  {drift.host} {drift.path}{moment}{known}"
        yield from (f"    {line}" for line in details(drift))
        if copy:
            yield f"    a copy is kept: {copy}"
    yield "  with --keep-edits nothing is changed instead, and `config adopt` takes an edit in"


def details(drift: FileDrift) -> Iterator[str]:
    """Yield what the hand changed of one file, a line each."""
    if "missing" in drift.what:
        yield "it was removed"
    for name, (wanted, found) in (drift.ownership or {}).items():
        yield f"{name}: {found} -> {wanted}"
    edited = [one for one in drift.options if one.origin.by_hand]
    yield from (option(one) for one in edited[:SHOWN])
    if len(edited) > SHOWN:
        yield f"and {len(edited) - SHOWN} options more"
    yield from (
        f"line {one.source.line}: {one.summary}" for one in drift.broken if one.source is not None
    )
    if "text" in drift.what and not edited and not drift.broken:
        form = "only comments, order or blank lines" if drift.form_only else "its text"
        yield f"{form} differ{'' if drift.form_only else 's'}"


def option(one: OptionDrift) -> str:
    """Return an option's change: `[DEFAULT] debug: true -> false`."""
    found = "removed" if one.found is None else one.found or '""'
    wanted = "not set" if one.wanted is None else one.wanted or '""'
    if one.found == one.wanted == HIDDEN:
        return f"{one.address}: another secret -> ***"
    return f"{one.address}: {found} -> {wanted}"
