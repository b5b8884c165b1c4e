"""The last lines of `up`: what stands, how long it took, and what to type next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gureum.checks.check import Status
from gureum.checks.dashboard import LOGIN
from gureum.operate.known import api_names
from gureum.operate.up import Outcome
from gureum.program import runnable
from gureum.state.folder import CloudFolder
from gureum.views.checks import counted
from gureum.views.data import Line
from gureum.views.wording import seconds

FIRST_PING = "first VM answers ping"


def lines(outcome: Outcome, folder: CloudFolder) -> Iterator[Line]:
    """Yield what a person reads when `up` is done."""
    marks = outcome.timeline.marks
    results = outcome.report.results
    proven = "a check failed" if outcome.report.failures else "a VM proved it"
    yield f"the cloud {folder.name!r} stands, and {proven}", "bold"
    if FIRST_PING in marks:
        yield f"  first VM answered ping after {seconds(marks[FIRST_PING])}", ""
    yield f"  checks: {counted(results)}; all in {seconds(marks['verify'])}", ""
    for result in results:
        if result.status is Status.WARN:
            yield f"  warning: {result.title}: {result.summary}", "yellow"
    yield "", ""
    yield "next:", "bold"
    host = next(iter(outcome.hosts), "one")
    option = "" if folder.name == "cloud" else f" --cloud {folder.name}"
    dashboard = any(r.id == LOGIN.id and r.status is not Status.SKIP for r in results)
    commands = (
        (f"gureum status{option}", "what runs, and what it costs"),
        *(
            ((f"gureum open{option} dashboard", "where the dashboard is, and its password"),)
            if dashboard
            else ()
        ),
        (f"gureum openstack{option} server list", "the OpenStack client, as the admin"),
        (f". {folder.openrc}", "the same for your own tools"),
        (f"gureum endpoints{option}", "services, endpoints, users, roles"),
        (f"gureum ssh{option} {host}", "a shell on a host"),
        (f"gureum down{option}", "remove all of it"),
    )
    width = max(44, *(len(runnable(command)) + 1 for command, _ in commands))
    for command, what in commands:
        yield f"  {runnable(command):{width}} {what}", ""
    for name, address in api_names(folder).items():
        yield f"elsewhere the API's name has to be known, e.g. in /etc/hosts: {address} {name}", ""


def document(outcome: Outcome, folder: CloudFolder) -> dict[str, Any]:
    """Return the same as plain data."""
    counts: Mapping[Any, int] = outcome.result.counts()
    return {
        "cloud": folder.name,
        "timeline": outcome.timeline.marks,
        "steps": {status.value: count for status, count in counts.items()},
        "checks": {
            status.value: sum(r.status is status for r in outcome.report.results)
            for status in Status
        },
        "openrc": str(folder.openrc),
        "clouds_yaml": str(folder.clouds_yaml),
    }
