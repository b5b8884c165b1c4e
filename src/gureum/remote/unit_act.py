"""Starts, stops and restarts a unit because a person said so, and tells what went along with it."""

from __future__ import annotations

import time
from typing import Any

from gureum.remote import unit
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import run, set_time_limit, time_left

RUNS = ("active", "activating", "reloading")
TIES = "Requires,Requisite,BindsTo,PartOf,Triggers,TriggeredBy"
"""By these a unit goes where another one goes."""


def act(verb: str, spec: dict[str, Any], others: list[str], timeout: float) -> dict[str, Any]:
    """Do `verb` with the unit of a `UnitActive` spec; return `changed`, `was`, `also`, `evidence`.

    A start ends when the unit is ready, by the very rule that an apply goes by. `also` names those
    of `others` that systemd stopped or restarted along with it. Raises Failure with the log lines
    that tell why.
    """
    set_time_limit(timeout)
    began = time.monotonic()
    before = unit.read(spec)
    known = _shown(others)
    if before["active"] == "absent":
        raise Failure(f"{spec['name']} is not there")
    evidence: list[Evidence] = []
    if "(dead)" in before["_state"]:
        # What did its work and ended is in order for an apply, but a person may want it done again.
        before = {**before, "active": "inactive"}
    runs = before["active"] in RUNS
    changed = verb == "restart" or before["active"] != "active"
    if verb == "stop":
        changed = runs or before["active"] == "failed"
        if changed:
            _stop(spec, evidence)
    elif changed:
        unit.start(spec, before, evidence)
    return {
        "changed": changed,
        "was": before["_state"],
        "also": _moved(spec["name"], known) if changed else [],
        "evidence": evidence,
        "seconds": round(time.monotonic() - began, 3),
    }


def _stop(spec: dict[str, Any], evidence: list[Evidence]) -> None:
    """Stop the unit and the sockets that would start it again at the next knock."""
    name = spec["name"]
    shown = run(("systemctl", "show", "--property=TriggeredBy", "--value", "--", name))
    names = (name, *shown.output.split())
    done = run(("systemctl", "stop", "--", *names), timeout=max(1.0, time_left() - 2))
    evidence.append(done.evidence())
    after = unit.read(spec)
    if done.exit or (after["active"] in RUNS and not spec["oneshot"]):
        said = done.output.strip().splitlines()[-1:] or [f"it is {after['_state']}"]
        raise Failure(f"{name} did not stop: {said[0]}", evidence, [], f"systemctl status {name}")
    if after["active"] == "failed":
        # It was told to end; how it ended is no fault that anybody has to look at.
        run(("systemctl", "reset-failed", name))


def _shown(names: list[str]) -> dict[str, dict[str, str]]:
    return dict(zip(names, unit.show(names, TIES))) if names else {}


def _moved(name: str, before: dict[str, dict[str, str]]) -> list[str]:
    """Return the units tied to this one that have stopped or restarted meanwhile."""
    tied = tied_to(name, before)
    moved = []
    for other, now in _shown(sorted(tied)).items():
        was = before[other]
        stopped = was.get("ActiveState") == "active" != now.get("ActiveState")
        restarted = was.get("MainPID") != now.get("MainPID") and now.get("MainPID") != "0"
        if stopped or restarted:
            moved.append(other)
    return moved


def tied_to(name: str, units: dict[str, dict[str, str]]) -> set[str]:
    """Return those of `units` that systemd stops or restarts along with `name`, by their own words."""
    tied = {name}
    while True:
        more = {
            other
            for other, shown in units.items()
            if tied & {word for tie in TIES.split(",") for word in shown.get(tie, "").split()}
        }
        if more <= tied:
            return tied & units.keys()
        tied |= more
