"""How a host leaves a cloud, as text."""

from __future__ import annotations

from collections.abc import Iterator

from gureum import moment
from gureum.operate.computes.remove import Look, Removed
from gureum.views.data import Line

FENCE = (
    "it must be off: if it only lost its network, its VMs still run and write, and the same VM would "
    "run twice once somebody starts it elsewhere"
)


def before(look: Look, *, dead: bool) -> Iterator[str]:
    """Yield what is about to happen to the host, and for a dead one why it is taken for that."""
    if dead:
        yield f"{look.host} is taken for dead: {look.silent or 'nobody knows how to reach it'}"
        if look.last_report:
            yield f"its nova-compute reported last: {moment.read(look.last_report)}"
        yield FENCE
        yield "only what the cloud knows of it goes: what is on its disks stays"
    else:
        yield f"what gureum runs on {look.host} ends, and all records of it go"
    if look.lab:
        yield f"{look.host} is a lab host: it is removed from this machine with all that is on it"
    if not look.in_input:
        yield "the input does not have it any more"


def result(found: Removed) -> Iterator[Line]:
    """Yield how it ended, and what is left where anything is."""
    if not found.left:
        gone = f", and out of {found.input}" if found.input else ""
        yield f"{found.host} has left the cloud: no record of it is left{gone}", "bold green"
        return
    yield f"{found.host} is not gone: something of it is left", "bold red"
    for word in found.left:
        yield f"left: {word}", "red"
    for why in found.refused:
        yield f"refused: {why}", "red"
