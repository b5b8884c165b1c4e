"""How a compute host is emptied, as text: what will happen, each VM as it goes, and what stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from gureum.operate.computes.drain import Drained, Look
from gureum.operate.computes.enabling import Disabled, Enabled
from gureum.operate.computes.move import Moved
from gureum.operate.computes.vms import Vm, Way, leave, sentence
from gureum.views import wording
from gureum.views.data import Line

NAMED = 8
"""VMs that a sentence names."""


def before(look: Look) -> Iterator[str]:
    """Yield what is about to happen to the VMs of a host."""
    counts = Counter(vm.status for vm in look.vms)
    states = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    yield f"{look.host} has {sentence(len(look.vms))}" + (f": {states}" if look.vms else "")
    if look.vms and not look.homeless:
        yield f"there is room for them on {', '.join(look.others)}"
    elif look.homeless:
        yield f"there is no room for {names(look.homeless)}"
    for host, why in look.shut.items():
        yield f"{host} takes none: {why}"
    if look.cold:
        yield f"shut off for the move and started again: {names(look.cold)}"
    stuck = [vm for vm in look.vms if leave(vm).way is Way.NONE]
    if stuck:
        yield f"cannot be moved as they are: {names(stuck)}"


def disabled(found: Disabled) -> str:
    """Return the line that says that no new VM comes."""
    return f"{found.host} takes no new VMs{' any more' if not found.before else ''}: {found.reason}"


def moved(one: Moved) -> Line:
    """Return the line of one VM that moved, or did not."""
    took = wording.seconds(one.seconds)
    if one.gone:
        return f"gone: {one.vm.name}: {one.why}", "dim"
    if not one.to:
        return f"stays: {one.vm.name}, not moved {one.way}: {one.why}", "red"
    if one.way is Way.LIVE:
        return f"moved: {one.vm.name} alive to {one.to}, {took}", ""
    how = "shut off, and started again there" if one.vm.runs else "shut off, as it was"
    why = f" ({one.why})" if one.why else ""
    return f"moved: {one.vm.name} to {one.to}, {took}, {how}{why}", "yellow" if one.vm.runs else ""


def result(found: Drained) -> Iterator[Line]:
    """Yield how a drain ended, and the way out for each VM that stays."""
    took = wording.seconds(found.seconds)
    if found.empty:
        yield f"{found.host} is empty: {sentence(len(found.moved))} moved in {took}", "bold green"
        return
    yield (
        f"{found.host} is not empty: {sentence(len(found.stays))} left, "
        f"{len(found.moved)} moved in {took}",
        "bold red",
    )
    for one in found.stays:
        yield f"left: {one.vm.name} ({one.vm.id}, {one.vm.status}): {one.why}", "red"
        yield wording.hint(one.hint, "  "), ""


def document(found: Drained) -> dict[str, Any]:
    """Return the same as plain data."""
    return {"empty": found.empty, **vars(found)}


def enabled(found: Enabled) -> str:
    """Return the line that says that VMs come again."""
    if found.already:
        return f"{found.host} takes VMs already"
    return f"{found.host} takes VMs again; it did not, for: {found.before or 'no reason given'}"


def names(vms: Sequence[Vm]) -> str:
    """Return some VMs by name, and how many more there are."""
    said = ", ".join(vm.name for vm in vms[:NAMED])
    return said if len(vms) <= NAMED else f"{said} and {len(vms) - NAMED} more"
