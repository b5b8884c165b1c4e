"""Files as they are wanted, as text: a list of them, or one with the reasons of its options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gureum.operate.config_files import ShownFile
from gureum.program import runnable
from gureum.views.data import Line
from gureum.views.table import columns


def listing(files: Sequence[ShownFile]) -> Iterator[Line]:
    """Yield every file with host, owner, mode and the units that read it."""
    rows = [["host", "file", "owner", "mode", "read by"]]
    for one in files:
        units = ", ".join(one.units) or "-"
        rows.append([one.host, one.path, f"{one.owner}:{one.group}", one.mode, units])
    first, *others = columns(rows)
    yield first, "bold"
    yield from ((line, "") for line in others)
    yield "", ""
    yield runnable("gureum config show nova.conf shows one, each option with its reason"), ""


def texts(files: Sequence[ShownFile]) -> Iterator[Line]:
    """Yield the file's text; hosts whose files are the same share it."""
    by_text: dict[str, list[ShownFile]] = {}
    for one in files:
        by_text.setdefault(one.text or "", []).append(one)
    for text, same in by_text.items():
        first = same[0]
        hosts = ", ".join(one.host for one in same)
        yield f"# {hosts}:{first.path}  {first.owner}:{first.group} {first.mode}", "bold"
        if first.units:
            yield f"# read by {', '.join(first.units)}", "bold"
        if not text.startswith("# Written by gureum"):
            yield f"# why: {' '.join(first.why.split())}", "bold"
        for line in text.splitlines():
            yield line, "bright_black" if line.startswith("#") else ""
