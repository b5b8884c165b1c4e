"""Log records as text: time in the reader's zone, where from, how loud, of which request, what."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime

from gureum.moment import local, zone
from gureum.operate.logs.read import Found
from gureum.operate.logs.record import LogRecord
from gureum.operate.logs.vm import Vm
from gureum.views.data import Line, plain, show

STYLES = {"CRITICAL": "bold red", "ERROR": "red", "WARNING": "yellow", "DEBUG": "dim"}
SHORT = len("req-1a2b3c4d")
UNIT = 22


def shown(records: Iterable[LogRecord], *, several: bool, json_lines: bool) -> None:
    """Write records on stdout, one JSON object each, or as text."""
    for one in records:
        if json_lines:
            value = {"type": "log", **plain(one)}
            print(json.dumps(value, ensure_ascii=False))
        else:
            show("log", one, lines(one, several=several), json=False)
    sys.stdout.flush()


def lines(one: LogRecord, *, several: bool) -> Iterator[Line]:
    """Yield the lines of a record: its further lines are indented, so that they are seen to be one."""
    first, *others = one.text.split("\n")
    where = f"{one.host}  " if several else ""
    request = f"{(one.request_id or one.global_request_id)[:SHORT]:<{SHORT}}"
    module = f"{one.module}: " if one.module else ""
    style = STYLES.get(one.level, "")
    head = f"{clock(one.time)}  {where}{one.unit:<{UNIT}}  {one.level:<8}  {request}"
    yield f"{head}  {module}{first}".rstrip(), style
    for other in others:
        yield f"      {other}".rstrip(), style


def clock(when: float) -> str:
    """Return a time to the millisecond in the reader's zone, with its day."""
    then = local(when)
    return f"{then:%m-%d %H:%M:%S}.{then.microsecond // 1000:03d}"


def notes(found: Found, limit_hint: str) -> Iterator[str]:
    """Yield what stands beside the records: of which zone the times are, and what is missing."""
    yield from (f"note: {note}" for note in found.notes)
    if not found.records:
        yield "no line of the logs is like that"
        return
    more = f"; older ones are left out ({limit_hint})" if found.more else ""
    count = f"{len(found.records)} records"
    yield f"{count}, times in {zone(found.records[-1].time)}{more}"


def requests(vm: Vm, commands: Iterable[str]) -> Iterator[str]:
    """Yield the requests about a VM, each with the command that tells its story."""
    if vm.requests:
        yield f"requests about {vm.name}:"
    for one, command in zip(vm.requests, commands, strict=False):
        failed = " FAILED" if one.failed else ""
        when = clock(datetime.fromisoformat(one.time).timestamp()).split(".")[0]
        yield f"  {when}  {one.action}{failed}: {command}"
