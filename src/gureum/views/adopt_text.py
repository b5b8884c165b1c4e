"""What an adoption changed in the input, as text."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.model.load import LoadedCloud
from gureum.operate.adopt import Adopted
from gureum.operate.typed import typed
from gureum.program import runnable
from gureum.views.data import Line


def lines(done: Adopted, loaded: LoadedCloud) -> Iterator[Line]:
    """Yield the diff of the input, then what it means."""
    if done.made:
        yield f"{done.file} {'is new' if done.written else 'would be new'}, and holds:", ""
        yield from ((f"  {key}", "") for key in done.keys)
    else:
        for line in done.diff.splitlines():
            yield line, {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
    yield "", ""
    count = "1 edit" if len(done.options) == 1 else f"{len(done.options)} edits"
    if not done.written:
        yield f"{count} would be adopted into {done.file}; nothing was written", "bold"
        return
    yield f"{count} adopted into {done.file}", "bold green"
    if done.left:
        yield "what still differs, and apply takes back:", "yellow"
        yield from ((f"  {one}", "") for one in done.left)
    yield "next:", "bold"
    again = "gureum plan" if done.made else typed(loaded, "plan")
    what = "what apply would still change" if done.left else "nothing is left to change for it"
    yield f"  {runnable(again):44} {what}", ""
