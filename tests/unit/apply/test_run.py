"""The engine against this machine: create, change, nothing to do, failure, stop and resume."""

from __future__ import annotations

import getpass
import grp
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gureum.apply import Event, Journal, Result, Status, StepFinished, run
from gureum.apply.events import RunStarted, StepStarted
from gureum.hosts import Session
from gureum.state.secrets import Redactor, Secret
from gureum.steps.states import CommandDone, DirectoriesPresent, FileWritten
from gureum.steps.step import State, Step

USER = getpass.getuser()
GROUP = grp.getgrgid(os.getgid()).gr_name


def step(
    name: str,
    state: State,
    needs: Iterable[str] = (),
    watches: Iterable[str] = (),
    **fields: Any,
) -> Step:
    keys = frozenset(f"one/{need}" for need in needs)
    watched = frozenset(f"one/{need}" for need in watches)
    return Step(
        id=name, host="one", state=state, why="a test", needs=keys, watches=watched, **fields
    )


def written(path: Path, content: str = "text\n", mode: int = 0o644) -> FileWritten:
    return FileWritten(path=str(path), content=content, owner=USER, group=GROUP, mode=mode)


def touched(path: Path) -> CommandDone:
    return CommandDone(check=("test", "-e", str(path)), command=("touch", str(path)), user=USER)


class Engine:
    """Applies steps and keeps what was emitted."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self.path = folder / "state" / "journal.jsonl"
        self.events: list[Event] = []

    def apply(self, *steps: Step, redact: Redactor | None = None, jobs: int = 8) -> Result:
        return run(
            steps,
            {"one": self.session},
            journal=Journal(self.path),
            emit=self.events.append,
            redact=redact or Redactor(),
            jobs=jobs,
        )


def statuses(result: Result) -> dict[str, str]:
    return {key.removeprefix("one/"): end.status.value for key, end in result.steps.items()}


def test_creates_changes_and_then_leaves_alone(session: Session, tmp_path: Path) -> None:
    """Every state goes through create, change and no-op; applied twice, nothing is done."""
    engine = Engine(session, tmp_path)
    folder = tmp_path / "etc" / "part"

    def steps(text: str, mode: int) -> list[Step]:
        directories = DirectoriesPresent(directories={str(folder): (USER, GROUP, mode)})
        return [
            step("dir", directories),
            step("file", written(folder / "a.conf", text), needs=["dir"]),
            step("command", touched(folder / "done"), needs=["file"]),
        ]

    first = engine.apply(*steps("one\n", 0o755))
    assert set(statuses(first).values()) == {"changed"}
    assert (folder / "a.conf").read_text() == "one\n"
    assert first.steps["one/file"].drift["sha256"]["actual"] is None
    again = engine.apply(*steps("one\n", 0o755))
    assert set(statuses(again).values()) == {"unchanged"}
    assert again.ok
    changed = engine.apply(*steps("two\n", 0o700))
    assert statuses(changed) == {"dir": "changed", "file": "changed", "command": "unchanged"}
    assert (folder / "a.conf").read_text() == "two\n"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_new_mode_leaves_the_time_of_a_file_alone(session: Session, tmp_path: Path) -> None:
    """Units restart by the time of their files, so a mode alone may not touch it."""
    engine = Engine(session, tmp_path)
    path = tmp_path / "a.conf"
    engine.apply(step("file", written(path)))
    os.utime(path, (1000, 1000))
    result = engine.apply(step("file", written(path, mode=0o600)))
    assert statuses(result) == {"file": "changed"}
    assert path.stat().st_mtime == 1000
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failure_skips_only_what_needs_it(session: Session, tmp_path: Path) -> None:
    """R-VERIFY: the root cause is told with its evidence, dependents name it, the rest goes on."""
    engine = Engine(session, tmp_path)
    broken = CommandDone(
        check=("false",), command=("sh", "-c", "echo no such mirror; exit 3"), user=USER
    )
    result = engine.apply(
        step("broken", broken),
        step("child", touched(tmp_path / "child"), needs=["broken"]),
        step("grandchild", touched(tmp_path / "grandchild"), needs=["child"]),
        step("other", touched(tmp_path / "other")),
    )
    assert statuses(result) == {
        "broken": "failed",
        "child": "skipped",
        "grandchild": "skipped",
        "other": "changed",
    }
    failure = result.steps["one/broken"]
    assert failure.error is not None
    assert failure.error.summary == "sh failed with exit 3: no such mirror"
    assert failure.evidence[-1]["exit"] == 3
    assert result.steps["one/grandchild"].needs == "one/broken"
    assert not (tmp_path / "child").exists()


def test_a_command_without_effect_has_failed(session: Session, tmp_path: Path) -> None:
    """The check after a change decides, not the exit status of the change."""
    engine = Engine(session, tmp_path)
    state = CommandDone(check=("sh", "-c", "echo still old; false"), command=("true",), user=USER)
    result = engine.apply(step("idle", state))
    error = result.steps["one/idle"].error
    assert error is not None
    assert error.summary == "changed, but done is False, not True"
    assert error.log_lines == ("still old",)


def test_what_watches_a_change_runs_again(session: Session, tmp_path: Path) -> None:
    """A step whose watched step changed is changed too, though it shows no drift itself."""
    engine = Engine(session, tmp_path)
    log = tmp_path / "log"
    state = CommandDone(
        check=("test", "-e", str(log)), command=("sh", "-c", f"echo run >> {log}"), user=USER
    )

    def steps(text: str, mode: int = 0o644) -> list[Step]:
        return [
            step("file", written(tmp_path / "a", text, mode)),
            step("run", state, watches=["file"]),
        ]

    engine.apply(*steps("1"))
    engine.apply(*steps("1"))
    # A new mode is no new text: the plan says so, and the apply keeps to it.
    engine.apply(*steps("1", 0o600))
    assert log.read_text() == "run\n"
    engine.apply(*steps("2"))
    assert log.read_text() == "run\nrun\n"


def test_a_watcher_that_was_not_reached_is_owed(session: Session, tmp_path: Path) -> None:
    """A change whose watcher failed in that run triggers the watcher in the next run."""
    engine = Engine(session, tmp_path)
    log, gate = tmp_path / "log", tmp_path / "gate"
    script = f"test -e {gate} && echo run >> {log}"
    state = CommandDone(check=("true",), command=("sh", "-c", script), user=USER)
    steps = [step("file", written(tmp_path / "a")), step("run", state, watches=["file"])]
    assert statuses(engine.apply(*steps)) == {"file": "changed", "run": "failed"}
    gate.touch()
    assert statuses(engine.apply(*steps)) == {"file": "unchanged", "run": "changed"}
    assert statuses(engine.apply(*steps)) == {"file": "unchanged", "run": "unchanged"}
    assert log.read_text() == "run\n"


def test_independent_steps_run_at_once_and_locks_do_not(session: Session, tmp_path: Path) -> None:
    """On one host too; a lock lets one step at a time pass."""
    engine = Engine(session, tmp_path)

    def slow(name: str) -> CommandDone:
        path = tmp_path / name
        script = f"sleep 0.3; touch {path}"
        return CommandDone(check=("test", "-e", str(path)), command=("sh", "-c", script), user=USER)

    began = time.monotonic()
    engine.apply(*(step(f"free{i}", slow(f"free{i}")) for i in range(6)))
    assert time.monotonic() - began < 1.2
    began = time.monotonic()
    engine.apply(*(step(f"locked{i}", slow(f"locked{i}"), lock="apt") for i in range(3)))
    assert time.monotonic() - began > 0.9


def test_the_longest_way_goes_first(session: Session, tmp_path: Path) -> None:
    """With one slot, what has the most behind it starts before what has nothing behind it."""
    engine = Engine(session, tmp_path)
    steps = [
        step("leaf", touched(tmp_path / "leaf")),
        step("root", touched(tmp_path / "root")),
        step("middle", touched(tmp_path / "middle"), needs=["root"]),
        step("end", touched(tmp_path / "end"), needs=["middle"]),
    ]
    engine.apply(*steps, jobs=1)
    started = [e.key.removeprefix("one/") for e in engine.events if isinstance(e, StepStarted)]
    assert started.index("root") < started.index("leaf")


def test_secrets_stay_out_of_events_and_journal(session: Session, tmp_path: Path) -> None:
    """R-CRED: a secret that a command prints, or that reaches it, is written nowhere."""
    engine = Engine(session, tmp_path)
    secret = Secret("pa55word-of-nova")
    state = CommandDone(
        check=("sh", "-c", f"echo $PW; test -e {tmp_path}/done"),
        command=("sh", "-c", f"echo got $PW; cat; touch {tmp_path}/done"),
        environment={"PW": secret},
        stdin=secret,
        user=USER,
    )
    result = engine.apply(step("secret", state), redact=Redactor([secret.reveal()]))
    assert "got ***" in result.steps["one/secret"].evidence[0]["output"]
    assert secret.reveal() not in engine.path.read_text()
    assert secret.reveal() not in repr(engine.events)


def test_time_limits_end_a_step_and_what_it_started(session: Session, tmp_path: Path) -> None:
    """A command out of time is killed with its children, and the step says so."""
    engine = Engine(session, tmp_path)
    script = f"sleep 30 & echo $! > {tmp_path}/pid; wait"
    state = CommandDone(check=("false",), command=("sh", "-c", script), user=USER)
    began = time.monotonic()
    result = engine.apply(step("slow", state, timeout=0.5))
    assert time.monotonic() - began < 3
    error = result.steps["one/slow"].error
    assert error is not None
    assert error.summary == "sh ran out of time"
    child = int((tmp_path / "pid").read_text())
    state_of_child = Path(f"/proc/{child}/stat")
    assert not state_of_child.exists() or " Z " in state_of_child.read_text()


def test_a_command_is_retried_until_its_check_is_content(session: Session, tmp_path: Path) -> None:
    """`retry_for` covers a command that exits 0 too early as well as one that fails."""
    engine = Engine(session, tmp_path)
    log = tmp_path / "log"
    state = CommandDone(
        check=("sh", "-c", f"test $(wc -l < {log}) -ge 3"),
        command=("sh", "-c", f"echo x >> {log}"),
        user=USER,
        retry_for=5.0,
    )
    result = engine.apply(step("retried", state))
    assert statuses(result) == {"retried": "changed"}
    assert log.read_text().count("x") == 3


def test_a_run_without_changes_is_quick(session: Session, tmp_path: Path) -> None:
    """150 steps in order are settled from one reading, well within a second."""
    engine = Engine(session, tmp_path)
    steps = [step(f"file{i}", written(tmp_path / str(i))) for i in range(150)]
    engine.apply(*steps)
    began = time.monotonic()
    result = engine.apply(*steps)
    assert time.monotonic() - began < 0.8
    assert result.counts() == {Status.UNCHANGED: 150}
    assert not [e for e in engine.events[-152:] if isinstance(e, StepStarted)]


def test_expected_times_come_from_the_last_run(session: Session, tmp_path: Path) -> None:
    """The journal tells a step's last duration; it is shown the next time."""
    engine = Engine(session, tmp_path)
    path = tmp_path / "x"
    script = f"sleep 0.4; touch {path}"
    state = CommandDone(check=("test", "-e", str(path)), command=("sh", "-c", script), user=USER)
    engine.apply(step("slow", state))
    path.unlink()
    engine.apply(step("slow", state))
    expected = [e.expected_seconds for e in engine.events if isinstance(e, StepStarted)]
    assert 0.4 <= expected[1] < 1.5
    started = [e for e in engine.events if isinstance(e, RunStarted)]
    assert 0.4 <= started[1].expected_seconds < 1.5


def test_events_tell_every_step_once(session: Session, tmp_path: Path) -> None:
    """Each step has exactly one end, whether it ran or not."""
    engine = Engine(session, tmp_path)
    steps = [step(f"file{i}", written(tmp_path / str(i))) for i in range(5)]
    engine.apply(*steps)
    ends = [e.key for e in engine.events if isinstance(e, StepFinished)]
    assert sorted(ends) == sorted(s.key for s in steps)


def test_what_a_host_says_to_type_is_typed_on_that_host(session: Session, tmp_path: Path) -> None:
    """A hint that left the host out would be run where the reader sits."""
    folder = tmp_path / "folder"
    folder.mkdir()
    [end] = Engine(session, tmp_path).apply(step("file", written(folder))).steps.values()
    assert end.error is not None
    assert end.error.hint == f"gureum ssh one mv {folder} {folder}.old"
