"""The status of a cloud as text: the verdict first, then what is wrong, then everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gureum.diagnostics import Diagnostic, Severity
from gureum.operate.health import ApiHealth, CloudHealth, HostContact, HostHealth, UnitHealth
from gureum.views import wording
from gureum.views.data import Line
from gureum.views.moments import ago
from gureum.views.table import columns


def lines(cloud: CloudHealth) -> Iterator[Line]:
    """Yield the whole status, at most 100 columns wide where names are of usual length."""
    yield verdict(cloud), "bold green" if cloud.well else "bold red"
    yield from _troubles(cloud.troubles)
    yield "", ""
    for run in cloud.runs:
        style = "" if run.good else "yellow"
        yield f"last {run.kind}: {ago(cloud.time, run.time)} ago, {run.outcome}", style
    if cloud.runs:
        yield "", ""
    yield from _table(
        ["host", "up for", "load", "memory used", "cloud (PSS)", "disk free", "system"],
        [_host(host, cloud.time) for host in cloud.hosts],
        [host.error == "" for host in cloud.hosts],
        "  rrrr ",
    )
    if any(host.shared for host in cloud.hosts):
        yield "* load and memory of the machine that holds this lab host", "dim"
    if offsets := [abs(host.offset) for host in cloud.hosts if host.offset is not None]:
        yield f"clocks: {max(offsets) * 1000:.1f} ms off at most, as chronyd measures them", ""
    if cloud.ceph is not None:
        yield f"Ceph: {cloud.ceph.in_short}", "" if cloud.ceph.well else "red"
    if len(cloud.hosts) > 1 and any(one.compute for one in cloud.contacts):
        yield "", ""
        yield from _computes(cloud)
    yield "", ""
    if cloud.units:
        yield from _units(cloud)
    yield from _table(
        ["service", "answers", "time", "certificate", "URL"],
        [_api(api) for api in cloud.api],
        [api.error == "" for api in cloud.api],
        "  rr ",
    )
    if cloud.vms is not None:
        counted = ", ".join(f"{count} {status}" for status, count in cloud.vms.items())
        yield "", ""
        yield f"VMs: {counted or 'none'}", ""


def verdict(cloud: CloudHealth) -> str:
    """Return the one line that tells whether the cloud is well."""
    down = sum(t.severity is Severity.ERROR for t in cloud.troubles)
    memory = f"{cloud.pss_mb / 1024:.1f} GB of memory (PSS)"
    running = f"{_many(sum(u.good for u in cloud.units), 'unit')} run"
    answering = f"{_many(sum(not a.error for a in cloud.api), 'URL')} answer"
    if down:
        things = "1 thing is" if down == 1 else f"{down} things are"
        return f"the cloud {cloud.name!r} is not well: {things} down; {running}, {answering}"
    return f"the cloud {cloud.name!r} is well: {running}, {answering}, {memory}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _troubles(troubles: Sequence[Diagnostic]) -> Iterator[Line]:
    for one in troubles:
        down = one.severity is Severity.ERROR
        yield f"{'down' if down else 'warning'}: {one.summary}", "red" if down else "yellow"
        for line in one.detail.splitlines():
            yield f"  {line}", "dim"
        if one.hint:
            yield wording.hint(one.hint, "  "), ""


def _table(
    head: list[str], rows: list[list[str]], good: Sequence[bool], right: str
) -> Iterator[Line]:
    first, *others = columns([head, *rows], right=right)
    yield first, "bold"
    for text, fine in zip(others, good, strict=True):
        yield text, "" if fine else "red"


def _host(host: HostHealth, now: float) -> list[str]:
    if host.error:
        return [host.name, "down", "", "", "", "", ""]
    shared = "*" if host.shared else ""
    disk = min(host.disks, key=lambda d: d["free_mb"], default=None)
    return [
        host.name,
        ago(now, host.up_since),
        f"{host.load[0]:.1f} of {host.cpus}{shared}",
        f"{host.memory_used_mb / 1024:.1f} of {host.memory_mb / 1024:.1f} GB{shared}",
        f"{host.pss_mb:.0f} MB",
        f"{disk['free_mb'] / 1024:.0f} of {disk['total_mb'] / 1024:.0f} GB" if disk else "",
        host.os,
    ]


def _computes(cloud: CloudHealth) -> Iterator[Line]:
    computes = sorted((one for one in cloud.contacts if one.compute), key=lambda one: one.host)
    yield from _table(
        ["compute host", "VMs", "takes VMs", "last report", "neutron"],
        [_compute(one, cloud.time) for one in computes],
        [one.up and not one.silent and not one.dead for one in computes],
        " r r ",
    )


def _compute(one: HostContact, now: float) -> list[str]:
    takes = "no: " + one.closed if one.closed else "yes"
    if not one.up:
        takes = "no: nova hears nothing of it"
    dead = ", ".join(name for name, _ in one.dead)
    return [
        one.host,
        str(one.vms),
        takes,
        f"{ago(now, one.reported)} ago" if one.reported else "never",
        f"does not hear {dead}" if dead else "hears all agents",
    ]


def _units(cloud: CloudHealth) -> Iterator[Line]:
    several = len(cloud.hosts) > 1
    rows, good = [], []
    service = ""
    for unit in sorted(cloud.units, key=lambda u: _place(cloud.units, u)):
        rows.append([
            unit.service if unit.service != service else "",
            unit.name,
            *([unit.host] if several else []),
            unit.state,
            ago(cloud.time, unit.since) if unit.since is not None else "",
            str(unit.restarts),
            f"{unit.pss_mb:.0f}" if unit.pss_mb else "",
        ])  # fmt: skip
        good.append(unit.good)
        service = unit.service
    where = ["host"] if several else []
    head = ["service", "unit", *where, "state", "since", "restarts", "PSS MB"]
    yield from _table(head, rows, good, "   " + " " * several + "rrr")
    vms = sum(host.vms_mb for host in cloud.hosts)
    others = cloud.pss_mb - sum(unit.pss_mb for unit in cloud.units)
    yield f"and {others:.0f} MB of the hosts' own units; beside them {vms:.0f} MB of VMs", "dim"
    yield "", ""


def _place(units: Sequence[UnitHealth], unit: UnitHealth) -> tuple[int, int]:
    """Return where a unit stands: services as they are declared, hosts within them."""
    services = list(dict.fromkeys(u.service for u in units))
    return services.index(unit.service), units.index(unit)


def _api(api: ApiHealth) -> list[str]:
    return [
        api.service,
        f"{api.status}" if api.status else "no",
        f"{api.milliseconds} ms",
        f"{api.days} days" if api.days is not None else "",
        api.url,
    ]
