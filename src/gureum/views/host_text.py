"""Hosts as text: lists and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gureum.operate.host_add import Reached
from gureum.operate.host_list import HostList
from gureum.operate.host_trust import ShownKey
from gureum.views import wording
from gureum.views.data import Line
from gureum.views.moments import ago
from gureum.views.table import columns


def listing(found: HostList) -> Iterator[Line]:
    """Yield one line for each host."""
    head = ["host", "roles", "address", "reached by", "last seen", "state"]
    rows = [
        [
            host.name,
            ", ".join(host.roles),
            host.address or "-",
            host.reached,
            f"{ago(found.time, host.seen)} ago" if host.seen else "never",
            host.state,
        ]
        for host in found.hosts
    ]
    first, *others = columns([head, *rows])
    yield first, "bold"
    for line in others:
        yield line, ""


def keys(found: Sequence[ShownKey]) -> Iterator[Line]:
    """Yield the host keys, what is known of each, and what to do about those that cannot be seen."""
    if not found:
        yield "no host of this cloud is reached by SSH", ""
        return
    head = ["host", "reached at", "key", "kind", "fingerprint"]
    rows = [[k.host, k.where, k.state, k.kind, k.fingerprint or "-"] for k in found]
    first, *others = columns([head, *rows])
    yield first, "bold"
    for line, key in zip(others, found, strict=True):
        yield line, {"known": "", "new": "yellow"}.get(key.state, "red")
        if key.before:
            yield f"  before: {key.before}", ""
            yield (
                "  either the host was installed anew, or this is another machine in its place",
                "",
            )
            yield wording.hint(f"gureum host trust {key.host} --changed", "  "), ""
        if key.said:
            yield from ((f"  {part}", "") for part in key.said.splitlines())
            if key.hint:
                yield wording.hint(key.hint, "  "), ""


def key_document(found: Sequence[ShownKey]) -> dict[str, Any]:
    """Return the host keys as plain data."""
    fields = ("host", "where", "state", "kind", "fingerprint", "before", "said", "hint")
    return {"keys": [{name: getattr(key, name) for name in fields} for key in found]}


def added(reached: Reached) -> Iterator[Line]:
    """Yield what was written where, and what the cloud still lacks."""
    draft = reached.draft
    what = "began" if draft.new_file else "wrote"
    yield f"{what} {draft.file}: {draft.wanted.name} is in it", "bold green"
    for problem in draft.lacks:
        yield f"  the cloud still lacks: {problem.summary}", ""
        if problem.hint and "e.g. hosts." not in problem.hint:
            yield wording.hint(problem.hint, "  "), ""
    file = "" if str(draft.file) == "cloud.yaml" else f" --file {draft.file}"
    if draft.lacks:
        yield wording.hint(f"gureum host add NAME [USER@]ADDRESS --role ROLE{file}"), ""
    else:
        yield wording.hint(f"gureum host check{file}, then gureum up{file}"), ""
