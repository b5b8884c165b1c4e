"""Runs that are cut off: kill -9 and Ctrl-C, then the same again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gureum.apply import Journal
from gureum.apply.history import History
from gureum.errors import GureumError

PROGRAM = """
import getpass, sys
from pathlib import Path
from gureum.apply import Journal, run
from gureum.hosts import Connections, Target
from gureum.steps.states import CommandDone
from gureum.steps.step import Step
from gureum.views.plain import Plain

folder = Path(sys.argv[1])
steps = []
for i in range(6):
    path = folder / f"done{i}"
    script = f"echo x >> {folder}/log{i}; sleep 0.15; touch {path}"
    state = CommandDone(check=("test", "-e", str(path)), command=("sh", "-c", script),
                        user=getpass.getuser())
    needs = frozenset({f"one/s{i-1}"} if i else ())
    steps.append(Step(id=f"s{i}", host="one", state=state, why="a test", needs=needs))
with Connections() as connections:
    sessions = connections.open([Target("one", connection="local")])
    result = run(steps, sessions, journal=Journal(folder / "journal.jsonl"),
                 emit=Plain(sys.stdout, sys.stderr).event)
result.raise_for_failures()
"""


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert path.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_next_run_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    """After kill -9 or Ctrl-C the same command finishes the work and repeats no finished step."""
    first = start(tmp_path)
    wait_for(tmp_path / "log2")
    os.kill(first.pid, how)
    said, _ = first.communicate(timeout=15)
    assert first.returncode != 0
    if how is signal.SIGINT:
        assert "stopped after" in said
        assert said.splitlines()[-1] == "KeyboardInterrupt"
    second = start(tmp_path)
    said, _ = second.communicate(timeout=20)
    assert second.returncode == 0, said
    assert (tmp_path / "log0").read_text() == "x\n"
    assert all((tmp_path / f"done{i}").exists() for i in range(6))
    third = start(tmp_path)
    said, _ = third.communicate(timeout=20)
    assert "nothing to change: 6 unchanged" in said


def test_two_runs_of_one_cloud_exclude_each_other(tmp_path: Path) -> None:
    """The second is told which process holds the cloud and since when."""
    journal = Journal(tmp_path / "journal.jsonl")
    with journal.lock():
        second = start(tmp_path)
        said, _ = second.communicate(timeout=20)
    assert second.returncode == 1
    assert f"another run holds this cloud: process {os.getpid()}, since" in said


def test_the_lock_may_be_nested_and_is_let_go(tmp_path: Path) -> None:
    """A command that holds the cloud applies within it; afterwards anyone may."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    with journal.lock():
        with journal.lock():
            pass
        second = Journal(path).lock()
        with pytest.raises(GureumError, match="another run"):
            second.__enter__()
    with Journal(path).lock():
        pass


def test_a_torn_last_line_is_passed_over(tmp_path: Path) -> None:
    """kill -9 while writing costs at most that line, and the next line begins on its own."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.started("one/a", ["one/b"])
    journal.finished("one/a", "changed", 1.5)
    journal.close()
    with open(path, "a") as out:
        out.write('{"event":"finished","key":"one/b","sta')
    again = Journal(path)
    assert again.durations() == {"one/a": 1.5}
    assert again.owed() == {"one/b"}
    again.finished("one/b", "changed", 2.0)
    again.close()
    assert History.read(path).durations == {"one/a": 1.5, "one/b": 2.0}
    assert Journal(path).owed() == frozenset()


def test_rotation_keeps_what_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long journal is put away; durations and what is owed come along."""
    monkeypatch.setattr("gureum.apply.journal.ROTATE_AT", 100)
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.started("one/a", ["one/b"])
    journal.finished("one/a", "changed", 1.5)
    journal.begin("run", 2)
    journal.close()
    assert path.with_suffix(".old.jsonl").exists()
    assert len(path.read_text().splitlines()) == 2
    assert Journal(path).durations() == {"one/a": 1.5}
    assert Journal(path).owed() == {"one/b"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_ctrl_c_on_a_terminal_lets_the_running_step_end(tmp_path: Path) -> None:
    """The terminal tells every process of ours; connections stay, so that nothing is cut off."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    first = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    wait_for(tmp_path / "log2")
    os.killpg(first.pid, signal.SIGINT)
    said, _ = first.communicate(timeout=15)
    assert "KeyboardInterrupt" in said
    assert "stopped after" in said
    assert "went away" not in said
    assert "failed" not in said
    assert (tmp_path / "done2").exists()
