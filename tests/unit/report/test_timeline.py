"""A journal read back, and a run as bars in time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gureum.report.runs import read_runs
from gureum.report.timeline import MOST, timeline

START = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def step(key: str, began: float, ended: float, **more: Any) -> list[dict[str, Any]]:
    end = {"time": at(ended), "event": "finished", "key": key, "status": "changed", **more}
    return [{"time": at(began), "event": "started", "key": key}, end]


def journal(path: Path, *steps: list[dict[str, Any]], ended: float | None = None) -> Path:
    lines: list[dict[str, Any]] = [
        {"time": at(0), "event": "begin", "run": "r1", "steps": len(steps)}
    ]
    lines += sorted((line for one in steps for line in one), key=lambda line: str(line["time"]))
    if ended is not None:
        counts = {"changed": len(steps)}
        end = {"time": at(ended), "event": "end", "run": "r1", "counts": counts, "seconds": ended}
        lines.append(end)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_runs_come_back_with_their_steps(tmp_path: Path) -> None:
    """R-VERIFY-1: what a run did, how long each step took, and what failed."""
    path = journal(
        tmp_path / "journal.jsonl",
        step("one/a.x", 0, 2, drift={"active": {}}),
        step("one/b.y", 2, 3, status="failed", error="no room"),
        ended=3,
    )
    (run,) = read_runs(path)
    assert (run.id, run.seconds, run.planned) == ("r1", 3, 2)
    assert [(s.key, s.seconds, s.drift) for s in run.changed] == [("one/a.x", 2, ("active",))]
    assert [(s.key, s.error) for s in run.failed] == [("one/b.y", "no room")]


def test_a_run_that_was_killed_and_a_torn_line_are_told_as_they_are(tmp_path: Path) -> None:
    path = journal(tmp_path / "journal.jsonl", step("one/a.x", 0, 2))
    path.write_text(path.read_text() + '{"time":"20')
    (run,) = read_runs(path)
    assert run.seconds is None
    assert len(run.steps) == 1
    assert read_runs(tmp_path / "none.jsonl") == ()


def test_the_chain_is_each_steps_latest_need(tmp_path: Path) -> None:
    """What decided the time: c waited for b, b for a; d took long, but nothing waited for it."""
    path = journal(
        tmp_path / "j",
        step("one/db.unit.db", 0, 4),
        step("one/web.schema", 4, 9),
        step("one/cache.unit.cache", 0, 8.5),
        step("one/web.unit.web-api", 9, 10),
        ended=10,
    )
    before = {
        "one/web.schema": frozenset({"one/db.unit.db"}),
        "one/web.unit.web-api": frozenset({"one/web.schema", "one/cache.unit.cache"}),
    }
    services = {"one/db.unit.db": "db", "one/web.schema": "web", "one/web.unit.web-api": "web"}
    found = timeline(read_runs(path)[0], before, services)
    chain = [(bar.key, bar.label, round(bar.seconds, 3)) for bar in found.critical]
    assert chain == [
        ("one/db.unit.db", "db", 4),
        ("one/web.schema", "schema", 5),
        ("one/web.unit.web-api", "web-api", 1),
    ]
    assert [lane.service for lane in found.lanes] == ["cache", "db", "web"]
    assert found.seconds == 10


@pytest.mark.parametrize("count", [120, 1000])
def test_many_steps_are_summed_up_and_none_is_lost(tmp_path: Path, count: int) -> None:
    steps = [
        step(f"one/s{i % 12}.file./etc/{i}", i * 0.1, i * 0.1 + (0.01 if i % 3 else 0.5))
        for i in range(count)
    ]
    found = timeline(read_runs(journal(tmp_path / "j", *steps, ended=count * 0.1))[0], {}, {})
    drawn = sum(len(lane.bars) for lane in found.lanes)
    assert drawn <= MOST + 1
    assert drawn + sum(lane.others for lane in found.lanes) == count == found.steps
    whole = sum(bar.seconds for lane in found.lanes for bar in lane.bars)
    whole += sum(lane.others_seconds for lane in found.lanes)
    assert whole == pytest.approx(sum(0.01 if i % 3 else 0.5 for i in range(count)), abs=0.01)


def test_milestones_count_from_where_the_command_began(tmp_path: Path) -> None:
    run = read_runs(journal(tmp_path / "j", step("one/a.b", 0, 3), ended=3))[0]
    found = timeline(run, {}, {}, {"first VM answers ping": 20.0}, run.began - 8)
    assert (found.before, found.seconds) == (8, 20)
    assert found.lanes[0].bars[0].began == 8


def test_nothing_done_is_no_picture_and_no_error(tmp_path: Path) -> None:
    run = read_runs(journal(tmp_path / "j", ended=0.1))[0]
    found = timeline(run, {}, {})
    assert (found.lanes, found.critical) == ((), ())
