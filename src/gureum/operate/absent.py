"""Compute hosts that a run goes on without, because they are down and somebody said so (D12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gureum.diagnostics import Diagnostic
from gureum.errors import InputError
from gureum.model.cloud import Role
from gureum.operate.deployment import Deployment
from gureum.operate.host_check import Look

Raw = Mapping[str, Mapping[str, Any]]


def absent(deployment: Deployment, looks: Mapping[str, Look], before: Raw) -> tuple[str, ...]:
    """Return the hosts that did not answer and may be left out of a run.

    What the others are to be is computed for the whole cloud, from what an absent host last said of
    itself; so no list of members is ever written from a partial view. Raises InputError for a host
    that no cloud can do without, and for one that nobody has ever seen.
    """
    gone = [name for name, look in looks.items() if not look.answered]
    problems = [problem for name in gone if (problem := _needed(deployment, name, before))]
    if problems:
        raise InputError("this cannot go on without these hosts; nothing was changed", problems)
    return tuple(gone)


def _needed(deployment: Deployment, name: str, before: Raw) -> Diagnostic | None:
    others: Sequence[Role] = [
        role for role in deployment.cloud.hosts[name].roles if role is not Role.COMPUTE
    ]
    if others:
        return Diagnostic(
            f"{name} is no compute host alone: it is {' and '.join(others)}",
            detail="--skip-unreachable goes on without compute hosts, for only these stand alone",
            hint=f"gureum host check {name}",
        )
    if name not in before:
        return Diagnostic(
            f"{name} never answered, so the cloud cannot know what it is",
            detail="its NICs and sizes decide what the other hosts are told of it",
            hint=f"take hosts.{name} out of cloud.yaml until it runs, or look: gureum host check {name}",
        )
    return None
