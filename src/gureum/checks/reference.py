"""The reference page of all checks, made from the checks themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from gureum.checks import CHECKS
from gureum.checks.vm import BACKUP_STAGES, NO_LEFTOVERS, STAGES, VOLUME_STAGES

_HEAD = """\
# Checks

`gureum verify` runs every check below, side by side, and `gureum up` ends with them. A check only
looks; the VM scenario makes a project of its own and deletes it again. Each result carries its
evidence: what was asked where, what came back, how long it took. `--json` and `--junit FILE` give
it to programs. This page is written from the checks themselves.

A result is `pass`, `warn` (worth a look, stops nothing), `skip` (it says why) or `fail`; with a
failure the exit code is 1.
"""
_VM = """\
## vm

One real VM, from an empty project to an empty project. Everything is made by an ordinary member of
a throwaway project named `gureum-verify-…`, and what a killed run leaves is removed by the next one.
What begins with `volume` is proved where the cloud has volumes.
"""


def reference() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    ordered = sorted(CHECKS, key=lambda check: check.id.partition(".")[0])
    for group, checks in groupby(ordered, key=lambda check: check.id.partition(".")[0]):
        yield f"## {group}\n"
        yield from _table((c.id, c.proves, c.requirement) for c in checks)
    yield _VM
    stages = (*STAGES, *VOLUME_STAGES, *BACKUP_STAGES)
    rows = [(s.id, s.proves, s.requirement) for s in stages]
    rows.append((NO_LEFTOVERS.id, NO_LEFTOVERS.proves, NO_LEFTOVERS.requirement))
    yield from _table(rows)


def _table(rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    yield "| check | what a pass proves | serves |"
    yield "| --- | --- | --- |"
    for id, proves, requirement in rows:
        yield f"| `{id}` | {proves} | {requirement} |"
    yield ""
