"""The parts of the report that show the cloud: its picture, its doors, units, versions, certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from gureum.model.cloud import Driver
from gureum.operate.health import ApiHealth, UnitHealth
from gureum.program import runnable
from gureum.report.cloud_report import CloudReport, Door, PageDoor, ServiceUnit
from gureum.report.topology import Topology
from gureum.views.drawing import svg
from gureum.views.markup import Child, Markup, tag
from gureum.views.moments import day
from gureum.views.page import Section, State, badge, details, table
from gureum.views.topology_svg import PHONE, WIDE, topology_drawing


def picture(report: CloudReport) -> Section:
    """Return the drawing of the cloud and the way of a VM to the outside in words."""
    found = report.topology
    many = len(found.hosts)
    label = f"{many} host{'' if many == 1 else 's'} between the API and the outside"
    figure = tag(
        "figure",
        tag("div", svg(topology_drawing(found, WIDE), label), class_="on-desk"),
        tag("div", svg(topology_drawing(found, PHONE), label), class_="on-phone"),
    )
    way = list(_way(found))
    outside = [tag("h3", "How a VM reaches the outside"), tag("ol", way)] if way else None
    lead = "Every host with its services, and the networks between the hosts."
    return Section("picture", "The cloud in one picture", [figure, outside], lead)


def _way(found: Topology) -> Iterator[Markup]:
    if not found.gateways:
        return
    where = " or ".join(found.gateways)
    yield tag(
        "li",
        "The VM sends to its project network, which lives in the switch ",
        tag("code", "br-int"),
        " of its host.",
        [" A Linux bridge before it, ", tag("code", "qbr…"), ", holds the firewall."]
        if found.hybrid
        else None,
    )
    if any(host.tunnels for host in found.hosts):
        tunnel = found.tunnel_type.label
        yield tag("li", f"A {tunnel} tunnel carries the packet to a gateway host: {where}.")
    router = "OVN's router" if found.driver is Driver.OVN else "The router's namespace"
    yield tag(
        "li", f"{router} on {where} gives it the VM's floating IP, or the router's own address."
    )
    host = next(host for host in found.hosts if host.gateway)
    for bridge in host.bridges:
        if bridge.outside and bridge.ports:
            nics = ", ".join(bridge.ports)
            yield tag(
                "li",
                "The switch ",
                tag("code", bridge.name),
                " puts it on the NIC ",
                tag("code", nics),
                ".",
            )
    if found.gateway:
        yield tag("li", f"The provider network's gateway {found.gateway} takes it from there.")


def doors(report: CloudReport) -> Section:
    """Return the addresses of the API, with what they answered where they were asked."""
    answers = {api.url: api for api in report.live.health.api} if report.live.health else {}
    head = ["service", "what for", "address"] + (["answers", "certificate"] if answers else [])
    rows = [_door(door, answers) for door in report.doors]
    names = [door.name for door in report.doors]
    lead = (
        f"Programs reach the cloud here, in the region {report.region}. Every address speaks TLS "
        "with a certificate of the cloud's own authority."
    )
    body = [table(head, rows) if names else None, _pages(report.pages)]
    return Section("api", "Where the API answers", body, lead)


def _pages(found: Sequence[PageDoor]) -> Child:
    if not found:
        return None
    rows: list[list[Child]] = []
    for one in found:
        where = tag("code", runnable(one.command))
        user = f"{one.user} of the domain {one.domain}" if one.domain else one.user
        rows.append([one.title, tag("code", one.url), user, [where, " says where it is kept"]])
    head = ["page", "address", "log in as", "password"]
    return [tag("h3", "Pages for people"), table(head, rows)]


def _door(door: Door, answers: Mapping[str, ApiHealth]) -> list[Child]:
    plain = door.url.partition("%(")[0].rstrip("/")
    row: list[Child] = [door.name, f"{door.description} ({door.type})", tag("code", plain)]
    if not answers:
        return row
    answer = answers.get(plain)
    if answer is None:
        return [*row, "", ""]
    if answer.error:
        return [*row, badge(State.BAD, answer.error), ""]
    days = "" if answer.days is None else f"good for {answer.days} days"
    return [*row, badge(State.GOOD, f"in {answer.milliseconds} ms"), days]


def units(report: CloudReport) -> Section:
    """Return every systemd unit: what it does, and where hosts were asked, how it is."""
    health = report.live.health
    several = len(report.topology.hosts) > 1
    lead: Child = "Every program of the cloud is a systemd unit with a user and a task of its own."
    if health is None:
        lead = [lead, f" How they are is not told here: {report.live.silent}."]
    head = ["unit", "what it does", "service"] + ["hosts"] * several
    head += ["state", "memory"] if health else []
    found: dict[str, list[UnitHealth]] = {}
    for one in health.units if health else ():
        found.setdefault(one.name, []).append(one)
    rows = []
    for unit in report.units:
        row: list[Child] = [tag("code", unit.name), unit.description, unit.service]
        row += [", ".join(unit.hosts)] if several else []
        rows.append(row + (_state(unit, found.get(unit.name, [])) if health else []))
    right = " " * (len(head) - 1) + "r" if health else ""
    return Section("units", "What runs", table(head, rows, right=right), lead)


def _state(unit: ServiceUnit, found: list[UnitHealth]) -> list[Child]:
    bad = [one for one in found if not one.good]
    silent = len(unit.hosts) - len(found)
    memory = [one.pss_mb for one in found if one.pss_mb]
    used = f"{fmean(memory):.0f} MB{' each' if len(memory) > 1 else ''}" if memory else ""
    if bad:
        return [[tag("div", badge(State.BAD, f"{one.host}: {one.state}")) for one in bad], used]
    if silent:
        return [badge(State.WARNING, f"{silent} not asked"), used]
    return [badge(State.GOOD, found[0].state), used]


def versions(report: CloudReport) -> Section:
    """Return what is installed in which version."""
    found = report.versions
    openstack = table(
        ["OpenStack", "version"], [[name, tag("code", v)] for name, v in found.openstack.items()]
    )
    beside = [
        tag("p", f"Beside them in the same environment: {name} {version}.")
        for name, version in found.python.items()
    ]
    if found.packages:
        rows = [
            [tag("code", name), tag("code", _versions(by_host))]
            for name, by_host in found.packages.items()
        ]
        packages: Child = details(
            f"{len(rows)} packages of the distribution", table(["package", "installed"], rows)
        )
    else:
        packages = tag("p", f"The distribution's packages are not told here: {report.live.silent}.")
    lead = (
        f"Built by gureum {found.gureum} with OpenStack {found.release}, locked package by package."
    )
    return Section("versions", "Versions", [openstack, beside, packages], lead)


def _versions(by_host: Mapping[str, str]) -> str:
    distinct: dict[str, list[str]] = {}
    for host, version in by_host.items():
        distinct.setdefault(version, []).append(host)
    if len(distinct) == 1:
        return next(iter(distinct))
    return "; ".join(f"{version} on {', '.join(hosts)}" for version, hosts in distinct.items())


def certificates(report: CloudReport) -> Section:
    """Return the certificates with their ends, and the fingerprint that lets a client compare."""
    rows = [
        [
            one.what,
            f"{one.days} days",
            day(one.ends),
            ", ".join(one.names),
            tag("code", one.fingerprint),
        ]
        for one in report.certificates
    ]
    head = ["certificate of", "left", "ends on", "good for", "SHA-256 fingerprint"]
    lead = "gureum renews a host's certificate with the first apply in its last 60 days."
    return Section("certificates", "Certificates", table(head, rows), lead)
