"""The part of the report that proves: every check with what was asked and what came back."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.checks.check import CheckResult, Evidence, Status
from gureum.program import runnable
from gureum.report.cloud_report import CloudReport
from gureum.report.verification import Verification
from gureum.views.checks import counted
from gureum.views.markup import Child, Markup, tag
from gureum.views.moments import moment
from gureum.views.page import Section, State, badge, code, details, note
from gureum.views.readable import readable
from gureum.views.wording import seconds

STATES = {
    Status.PASS: (State.GOOD, "passed"),
    Status.WARN: (State.WARNING, "warning"),
    Status.SKIP: (State.NEUTRAL, "skipped"),
    Status.FAIL: (State.BAD, "failed"),
}
HOSTS, BELOW, OPENSTACK, VM = "Hosts", "What OpenStack stands on", "OpenStack", "A real VM"
_GROUPS = {
    "hosts": HOSTS,
    "vm": VM,
    **dict.fromkeys(
        ("mariadb", "rabbitmq", "memcached", "openvswitch", "ovn", "libvirt", "haproxy"), BELOW
    ),
}


def checks(report: CloudReport) -> Section:
    """Return the checks of the last verification in their order, failures unfolded."""
    found = report.verification
    title = "What was checked"
    if found is None:
        nothing = note(State.WARNING, "Not verified yet", tag("p", "No verification was kept."))
        return Section("checks", title, nothing)
    lead = (
        f"The last verification ran on {moment(found.time)} and took {seconds(found.seconds)}: "
        f"{counted(found.results)}. Open a check to see what was asked and what came back."
    )
    return Section("checks", title, list(_groups(found)), lead)


def _groups(found: Verification) -> Iterator[Markup]:
    groups: dict[str, list[CheckResult]] = {name: [] for name in (HOSTS, BELOW, OPENSTACK, VM)}
    for result in found.results:
        groups[_GROUPS.get(result.id.partition(".")[0], OPENSTACK)].append(result)
    for name, results in groups.items():
        if results:
            yield tag("h3", name)
            yield from (_check(result, found.proves.get(result.id, "")) for result in results)


def _check(result: CheckResult, proves: str) -> Markup:
    state, word = STATES[result.status]
    summary = [
        tag("span", badge(state, word), class_="how"),
        tag("span", tag("strong", result.title), " ", tag("span", result.summary), class_="what"),
        tag("span", seconds(result.seconds), class_="soft took"),
    ]
    body: list[Child] = [
        tag("p", proves) if proves else None,
        tag("p", "What to do: ", tag("code", runnable(result.hint))) if result.hint else None,
        [_evidence(one) for one in result.evidence]
        or tag("p", "No output was kept.", class_="soft"),
        tag("p", "Id: ", tag("code", result.id), class_="soft small"),
    ]
    return details(tag("span", summary, class_="check"), body, open=result.status is Status.FAIL)


def _evidence(one: Evidence) -> Markup:
    where = [" on ", tag("strong", one.host)] if one.host else None
    took = f" took {seconds(one.seconds)}" if one.seconds else None
    return tag(
        "div",
        tag(
            "p", tag("code", one.command), where, tag("span", took, class_="soft") if took else None
        ),
        code(readable(one.output) or "(no output)", f"what {one.command[:60]} said"),
        class_="evidence",
    )
