"""The report on a cloud as one HTML page: what matters first, everything else below and folded."""

from __future__ import annotations

from pathlib import Path

from gureum import __version__
from gureum.checks.check import Status
from gureum.diagnostics import Severity
from gureum.program import runnable
from gureum.report.cloud_report import CloudReport
from gureum.views.markup import Child, Markup, tag
from gureum.views.moments import moment
from gureum.views.page import Section, State, definitions, note, page
from gureum.views.report_checks import checks
from gureum.views.report_cloud import certificates, doors, picture, units, versions
from gureum.views.report_configuration import reasons
from gureum.views.report_runs import building, history
from gureum.views.wording import seconds

WORDS = (
    ("VM", "a virtual machine; OpenStack's API calls it a server"),
    ("host", "a machine that the cloud runs on"),
    ("role", "what a host is for: controller, network, compute or storage"),
    ("service", "a part of OpenStack or below it, as nova (VMs) or mariadb (databases)"),
    ("unit", "one program of a service on a host, kept running by systemd"),
    (
        "project network",
        "a network of the cloud's users, which lives in software between the hosts",
    ),
    ("provider network", "the network outside of the cloud that floating IPs are taken from"),
    ("floating IP", "an address by which a VM can be reached from outside"),
    ("endpoint", "the address at which a service answers programs"),
    ("step", "a wanted state of a host, with the check that proves it"),
)


def report_page(report: CloudReport) -> str:
    """Return the whole page."""
    style = (Path(__file__).parent / "drawing.css").read_text()
    style += (Path(__file__).parent / "report.css").read_text()
    sections = [
        Section("glance", "At a glance", [_verdict(report), _figures(report), *_warnings(report)]),
        picture(report),
        doors(report),
        building(report),
        checks(report),
        units(report),
        reasons(report),
        versions(report),
        certificates(report),
        history(report),
        Section("words", "Words", definitions((w, m) for w, m in WORDS)),
    ]
    hosts = len(report.topology.hosts)
    kind = "lab host" if report.lab else "host"
    lead = (
        f"An OpenStack {report.versions.release} cloud on {hosts} {kind}{'' if hosts == 1 else 's'}, "
        f"as it was on {moment(report.time)}."
    )
    if report.only:
        lead += f" Units, config files and packages are told of {', '.join(report.only)} alone."
    foot = [
        tag("p", f"Written by gureum {__version__} on {moment(report.time)} from ", tag("code", report.input),
            f", the journal, and what the hosts said of themselves on {moment(report.seen)}."),
        tag("p", "The page fetches nothing and holds no password."),
    ]  # fmt: skip
    return page(
        f"The cloud {report.name}", sections, kind="Report", lead=lead, foot=foot, style=style
    )


def _verdict(report: CloudReport) -> Markup:
    """Return the sentence that answers the first question: does it work?"""
    found, health = report.verification, report.live.health
    if health is not None and not health.well:
        return note(State.BAD, "Something is down now", tag("p", "See below what and what to do."))
    if found is None:
        words = "The cloud was built, but no verification was kept."
        return note(State.WARNING, "Nothing proves yet that it works", tag("p", words))
    when = moment(found.time)
    if failed := found.count(Status.FAIL):
        words = f"{failed} of {len(found.results)} checks failed on {when}."
        return note(State.BAD, "It does not work as it should", tag("p", words))
    proof = f"{found.count(Status.PASS)} of {len(found.results)} checks passed on {when}"
    if any(r.id == "vm.active" and r.status is Status.PASS for r in found.results):
        proof += "; a VM was booted, reached from outside, and removed again"
    if report.outdated:
        words = f"{proof}. The cloud was changed since."
        return note(State.WARNING, "It worked when it was last verified", tag("p", words))
    return note(State.GOOD, "This cloud works", tag("p", f"{proof}."))


def _figures(report: CloudReport) -> Markup:
    health, found = report.live.health, report.verification
    rows: list[tuple[Child, Child]] = [
        ("hosts", _hosts(report)),
        ("OpenStack", f"{report.versions.release}, {len(report.versions.openstack)} services"),
        ("API", f"https://{report.topology.api}"),
    ]
    if report.timelines:
        built = report.timelines[0]
        rows.append(("built and proven in" if built.marks else "built in", seconds(built.seconds)))
    if found is not None and (ping := found.milestones.get("first VM answers ping")):
        rows.append(("a VM answered after", seconds(ping)))
    if health is not None:
        good = sum(unit.good for unit in health.units)
        rows.append(("units that run", f"{good} of {len(health.units)}"))
        rows.append(("memory of the cloud", f"{health.pss_mb / 1024:.1f} GB"))
        if health.vms is not None:
            rows.append(("VMs now", str(sum(health.vms.values()))))
    return tag("div", definitions(rows), class_="figures")


def _hosts(report: CloudReport) -> str:
    hosts = report.topology.hosts
    if len(hosts) == 1:
        return f"1 ({', '.join(hosts[0].roles)})"
    roles = dict.fromkeys(role for host in hosts for role in host.roles)
    counts = [f"{sum(role in h.roles for h in hosts)} {role}" for role in roles]
    return f"{len(hosts)} ({', '.join(counts)})"


def _warnings(report: CloudReport) -> list[Markup]:
    found = []
    for one in report.warnings:
        bad = one.severity is Severity.ERROR
        found.append(
            note(
                State.BAD if bad else State.WARNING,
                "Down or wrong" if bad else "Worth a look",
                tag("p", one.summary),
                tag("p", one.detail, class_="soft") if one.detail else None,
                tag("p", "What to do: ", tag("code", runnable(one.hint))) if one.hint else None,
            )
        )
    if not found:
        found.append(tag("p", "There are no warnings."))
    if report.live.health is None:
        words = f"What only running hosts can say is left out: {report.live.silent}."
        found.append(note(State.NEUTRAL, "The hosts were not asked", tag("p", words)))
    return found
