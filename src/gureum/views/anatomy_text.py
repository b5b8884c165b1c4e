"""The anatomy of units as text: how each is now, what it is made of, whom it talks to."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gureum.operate.services.anatomy import Anatomy
from gureum.operate.services.peers import Peer
from gureum.operate.services.show import Shown, ShownUnit, UnitLife
from gureum.views.data import Line, plain
from gureum.views.moments import ago, clock, stamp, zone
from gureum.views.plan_words import noticed

INDENT = 14
UNITS = ((1, "kB"), (2, "MB"), (3, "GB"), (4, "TB"))


def lines(shown: Shown) -> Iterator[Line]:
    """Yield each unit, then the databases and queues that the units share."""
    for host, why in shown.unknown.items():
        yield f"not known: {host} {why.removeprefix(f'{host} ')}", "yellow"
    if shown.unknown:
        yield (
            f"what follows is as of the last look, {stamp(shown.seen)}, and of the input",
            "yellow",
        )
        yield "", ""
    several = len({one.anatomy.host for one in shown.units}) > 1
    for number, one in enumerate(shown.units):
        if number:
            yield "", ""
        where = f" of {one.anatomy.host}" if several else ""
        yield f"{one.anatomy.unit}{where}: {one.anatomy.description}", "bold"
        for title, said in _unit(one, shown):
            yield from _entry(title, said)
    yield from _databases(shown)
    yield from _queues(shown)


def document(shown: Shown) -> dict[str, Any]:
    """Return the same as plain data; times are UNIX times."""
    found: dict[str, Any] = plain(shown)
    return found


def _entry(title: str, said: Iterable[str]) -> Iterator[Line]:
    for number, text in enumerate(filter(None, said)):
        yield f"  {'' if number else title:{INDENT}}{text}", ""


def _unit(one: ShownUnit, shown: Shown) -> Iterator[tuple[str, Iterable[str]]]:
    anatomy, life = one.anatomy, one.life
    if life:
        yield "state", _state(life, shown.time)
        yield "last error", _error(life, shown.time)
    path = (life.unit_file if life else "") or anatomy.unit_file
    ships = "shipped by the distribution"
    named = f"{path}  ({ships})" if path and anatomy.shipped else path or ships
    drop_ins = (life.drop_ins if life else ()) or ((anatomy.drop_in,) if anatomy.drop_in else ())
    yield "unit file", [named, *drop_ins]
    command = (life.command if life else ()) or anatomy.command
    # A program that names its own process leaves one word with blanks in place of its arguments.
    yield "command", [shlex.join(command) if len(command) > 1 else "".join(command)]
    yield "user", [anatomy.user]
    yield "environment", [f"{name}={value}" for name, value in anatomy.environment.items()]
    yield "restarts on", _files(anatomy.reads, life, shown.time)
    yield "logs", [*_files(anatomy.log_files, life, shown.time), f"journalctl -u {anatomy.unit}"]
    yield "ready when", [anatomy.ready]
    yield "listens on", _ports(anatomy, life)
    yield "endpoint", [f"{e.type}: {e.url}" for e in anatomy.endpoints]
    if life:
        yield "serves", [_peer(p, f"on {p.port}") for p in life.peers.served]
        yield "uses", [_peer(p, f"at {p.port}") for p in life.peers.used]
    yield "databases", [", ".join(anatomy.databases)] if anatomy.databases else []
    yield "queues of", [", ".join(anatomy.vhosts)] if anatomy.vhosts else []
    yield "needs first", [", ".join(anatomy.needs)] if anatomy.needs else []
    yield "", [f"{name}: {why}" for name, why in anatomy.steps]
    yield "if restarted", [noticed(anatomy.notice)]


def _state(life: UnitLife, now: float) -> Iterator[str]:
    health = life.state.health
    since = f" since {stamp(health.since)} ({ago(now, health.since)})" if health.since else ""
    yield f"{health.state}{since}, {'starts' if life.state.enabled else 'does not start'} at boot"
    restarts = "once" if health.restarts == 1 else f"{health.restarts} times"
    spent = (
        f"{many(life.processes, 'process', 'processes')}, {health.pss_mb:.0f} MB (PSS), "
        f"{life.cpu_seconds:.1f} s of processor time, "
    )
    again = restarts if health.restarts else "never"
    yield f"{spent if life.processes else ''}restarted by systemd {again}"


def _error(life: UnitLife, now: float) -> Iterator[str]:
    error = life.state.error
    if error is None:
        yield "none in its logs"
        return
    since = life.state.health.since
    before = error.time and since and error.time < since
    when = stamp(error.time) if error.time else "at a time it does not say"
    passed = f", {ago(now, error.time)} ago" if error.time else ""
    yield f"{when}{passed}{', before its last start' if before else ''}, in {error.path}:"
    yield error.line


def _files(paths: Iterable[str], life: UnitLife | None, now: float) -> Iterator[str]:
    for path in paths:
        found = life.files.get(path) if life else None
        if life is None:
            yield path
        elif found is None:
            yield f"{path}  (not there)"
        else:
            written = f"{clock(found['written'], now)} {zone(found['written'])}"
            yield f"{path}  {size(found['bytes'])}, written {written}"


def _ports(anatomy: Anatomy, life: UnitLife | None) -> Iterator[str]:
    declared = set()
    for port in anatomy.ports:
        name = f"{port.address}:{port.number}" + ("" if port.protocol == "tcp" else " (udp)")
        declared.add(name)
        outside = f"; HAProxy serves it with TLS at {port.outside}" if port.outside else ""
        silent = "" if life is None or name in life.listening else "  (not now)"
        yield f"{name}  {port.purpose}{outside}{silent}"
    yield from (name for name in (life.listening if life else ()) if name not in declared)


def _peer(peer: Peer, where: str) -> str:
    return f"{peer.name} {where}, {many(peer.count, 'connection')}"


def _databases(shown: Shown) -> Iterator[Line]:
    if not shown.databases:
        return
    yield "", ""
    yield "databases", "bold"
    for name, told in shown.databases.items():
        opened = told["connections"]
        yield (
            f"  {name:{INDENT}}{many(told['tables'], 'table')}, {size(told['bytes'])}, "
            f"{many(opened, 'connection')} open",
            "",
        )


def _queues(shown: Shown) -> Iterator[Line]:
    for vhost, queues in shown.queues.items():
        yield "", ""
        yield f"queues of the virtual host {vhost}", "bold"
        if not queues:
            yield "  none: who uses it makes its queues as it first sends", ""
        passing = [q for q in queues if _passing(q["name"])]
        for queue in queues:
            if queue not in passing:
                yield f"  {queue['name']:32}{_queue([queue])}", ""
        if passing:
            what = f"{len(passing)} of one process each"
            yield f"  {what:32}{_queue(passing)}", ""


def _queue(queues: list[Mapping[str, Any]]) -> str:
    consumers = sum(q["consumers"] or 0 for q in queues)
    messages = sum(q["messages"] or 0 for q in queues)
    return f"{many(consumers, 'consumer')}, {many(messages, 'message')}"


def many(count: int, one: str, several: str = "") -> str:
    """Return a count with its noun: `no messages`, `1 process`, `4 tables`."""
    return f"{count or 'no'} {one if count == 1 else several or f'{one}s'}"


def _passing(name: str) -> bool:
    return name.startswith("reply_") or "_fanout" in name


def size(count: float) -> str:
    """Return a number of bytes as a person says it: `312 B`, `4.5 kB`, `12 MB`."""
    if count < 1000:
        return f"{count:.0f} B"
    power, unit = next((p, u) for p, u in UNITS if count < 1000 ** (p + 1) or u == UNITS[-1][1])
    number = count / 1000**power
    return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
