"""Asks hosts which packages, of which version, a plan would install."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from gureum.plan.plan import Plan, Version
from gureum.remote import versions
from gureum.steps.states import PackagesInstalled, VenvInstalled

if TYPE_CHECKING:
    from gureum.hosts import Session
    from gureum.steps.step import Step

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def with_versions(plan: Plan, steps: Mapping[str, Step], sessions: Mapping[str, Session]) -> Plan:
    """Return the plan with the packages that it installs; hosts are asked only where there are any."""
    asked: dict[str, Future[Any]] = {}
    for one in plan.changes:
        state = steps[one.key].state
        session = sessions.get(one.host)
        if session is None:
            continue
        if isinstance(state, PackagesInstalled) and (missing := _missing(one.drift)):
            asked[one.key] = session.submit(versions.installable, missing, bool(state.bundle))
        elif isinstance(state, VenvInstalled) and "stamp" in one.drift:
            asked[one.key] = session.submit(versions.locked, state.path)
    found: dict[str, tuple[Version, ...]] = {}
    for key, job in asked.items():
        state = steps[key].state
        answer = job.result()
        if isinstance(state, VenvInstalled):
            found[key] = _python(answer, dict(LOCKED.findall(state.lock)))
        else:
            found[key] = tuple(Version(*entry) for entry in sorted(map(tuple, answer)))
    return plan.with_versions(found)


def _missing(drift: Mapping[str, Any]) -> list[str]:
    found = drift.get("missing", {}).get("actual")
    return list(found) if isinstance(found, list) else []


def _python(now: Mapping[str, str], then: Mapping[str, str]) -> tuple[Version, ...]:
    return tuple(
        Version(name, now.get(name), version)
        for name, version in sorted(then.items())
        if now.get(name) != version
    )
